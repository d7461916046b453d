package sandbox;

import static com.alibaba.nacos.core.listener.startup.NacosStartUp.CONSOLE_START_UP_PHASE;
import static com.alibaba.nacos.core.listener.startup.NacosStartUp.CORE_START_UP_PHASE;
import static com.alibaba.nacos.core.listener.startup.NacosStartUp.WEB_START_UP_PHASE;

import com.alibaba.nacos.NacosServerBasicApplication;
import com.alibaba.nacos.NacosServerWebApplication;
import com.alibaba.nacos.console.NacosConsole;
import com.alibaba.nacos.core.listener.startup.NacosStartUpManager;
import com.alibaba.nacos.sys.env.Constants;
import com.alibaba.nacos.sys.env.DeploymentType;
import com.alibaba.nacos.sys.env.EnvUtil;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/**
 * The server's main class: the core, then the server's web application, then the console's, each on the core. The
 * distribution's own lies in its bootstrap module, which is not published.
 */
public final class Nacos {
  public static void main(String[] args) {
    var type = System.getProperty(Constants.NACOS_DEPLOYMENT_TYPE, Constants.NACOS_DEPLOYMENT_TYPE_MERGED);
    if (!Constants.NACOS_DEPLOYMENT_TYPE_MERGED.equals(type)) {
      throw new IllegalArgumentException(Constants.NACOS_DEPLOYMENT_TYPE + " is " + type + "; this image runs server and console in one process");
    }
    EnvUtil.setDeploymentType(DeploymentType.MERGED);
    NacosStartUpManager.start(CORE_START_UP_PHASE);
    var core = application(NacosServerBasicApplication.class).web(WebApplicationType.NONE).run(args);
    NacosStartUpManager.start(WEB_START_UP_PHASE);
    application(NacosServerWebApplication.class).parent(core).run(args);
    NacosStartUpManager.start(CONSOLE_START_UP_PHASE);
    application(NacosConsole.class).parent(core).run(args);
  }

  private static SpringApplicationBuilder application(Class<?> source) {
    return new SpringApplicationBuilder(source).bannerMode(Banner.Mode.OFF);
  }
}
