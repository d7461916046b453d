package com.alibaba.nacos;

import com.alibaba.nacos.core.code.ControllerMethodsCache;
import java.util.List;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletComponentScan;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The server's main class. The distribution's own lies in the console module, which is not published. */
@SpringBootApplication
@ServletComponentScan
@EnableScheduling
public class Nacos {
  private static final List<String> CONTROLLERS =
      List.of(
          "com.alibaba.nacos.core.controller",
          "com.alibaba.nacos.config.server.controller",
          "com.alibaba.nacos.naming.controllers");

  public static void main(String[] args) {
    SpringApplication.run(Nacos.class, args);
  }

  /** Requests are matched to methods through this cache; a controller it does not know is answered with 501. */
  @Bean
  InitializingBean registerControllers(ControllerMethodsCache cache) {
    return () -> CONTROLLERS.forEach(cache::initClassMethod);
  }
}
