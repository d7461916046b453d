package com.alibaba.nacos;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The liveness endpoint of the console module, which is not published. */
@RestController
public class Liveness {
  @GetMapping("/v1/console/health/liveness")
  public String liveness() {
    return "OK";
  }
}
