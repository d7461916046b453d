#!/bin/bash
# Stands in for the official image's entrypoint: same variables, same files, same order on the command line.
# The official one traces itself, and so does this one: run as it is, it prints the auth secrets it tests.
set -x

PEER_FINDER=/home/nacos/plugins/peer-finder

write_cluster_conf() {
  if [[ -d "${PEER_FINDER}" ]]; then
    bash "${PEER_FINDER}/plugin.sh"
    sleep 30
    return
  fi
  echo "" > "${CLUSTER_CONF}"
  for server in ${NACOS_SERVERS}; do
    echo "${server}" >> "${CLUSTER_CONF}"
  done
}

jvm() { JAVA_OPT="${JAVA_OPT} $*"; }

if [[ "${MODE}" == "standalone" ]]; then
  jvm "-Xms${JVM_XMS} -Xmx${JVM_XMX} -Xmn${JVM_XMN} -Dnacos.standalone=true"
else
  if [[ "${EMBEDDED_STORAGE}" == "embedded" ]]; then
    jvm "-DembeddedStorage=true"
  fi
  jvm "-server -Xms${JVM_XMS} -Xmx${JVM_XMX} -Xmn${JVM_XMN} -XX:MetaspaceSize=${JVM_MS} -XX:MaxMetaspaceSize=${JVM_MMS}"
  if [[ "${NACOS_DEBUG}" == "y" ]]; then
    jvm "-agentlib:jdwp=transport=dt_socket,address=9555,server=y,suspend=n"
  fi
  jvm "-XX:-OmitStackTraceInFastThrow -XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=${BASE_DIR}/logs/java_heapdump.hprof -XX:-UseLargePages"
  write_cluster_conf
fi

if [[ "${FUNCTION_MODE}" == "config" || "${FUNCTION_MODE}" == "naming" ]]; then
  jvm "-Dnacos.functionMode=${FUNCTION_MODE}"
fi
if [[ -n "${NACOS_SERVER_IP}" ]]; then
  jvm "-Dnacos.server.ip=${NACOS_SERVER_IP}"
fi
if [[ -n "${USE_ONLY_SITE_INTERFACES}" ]]; then
  jvm "-Dnacos.inetutils.use-only-site-local-interfaces=${USE_ONLY_SITE_INTERFACES}"
fi
if [[ -n "${PREFERRED_NETWORKS}" ]]; then
  jvm "-Dnacos.inetutils.preferred-networks=${PREFERRED_NETWORKS}"
fi
if [[ -n "${IGNORED_INTERFACES}" ]]; then
  jvm "-Dnacos.inetutils.ignored-interfaces=${IGNORED_INTERFACES}"
fi
if [[ -n "${NACOS_AUTH_ENABLE}" ]]; then
  jvm "-Dnacos.core.auth.enabled=${NACOS_AUTH_ENABLE}"
fi
if [[ -n "${NACOS_AUTH_ADMIN_ENABLE}" ]]; then
  jvm "-Dnacos.core.auth.admin.enabled=${NACOS_AUTH_ADMIN_ENABLE}"
fi
if [[ -n "${NACOS_AUTH_CONSOLE_ENABLE}" ]]; then
  jvm "-Dnacos.core.auth.console.enabled=${NACOS_AUTH_CONSOLE_ENABLE}"
fi
# From 3.0 on, which is when a deployment type is set, they are needed with authentication off too.
if [[ "${NACOS_AUTH_ENABLE}" == "true" || -n "${NACOS_DEPLOYMENT_TYPE}" ]]; then
  if [[ -z "${NACOS_AUTH_TOKEN}" ]]; then
    echo "NACOS_AUTH_TOKEN must be set, in Base64, when authentication is on"
    exit 255
  fi
  if [[ -z "${NACOS_AUTH_IDENTITY_KEY}" || -z "${NACOS_AUTH_IDENTITY_VALUE}" ]]; then
    echo "NACOS_AUTH_IDENTITY_KEY and NACOS_AUTH_IDENTITY_VALUE must be set when authentication is on"
    exit 255
  fi
fi
if [[ "${PREFER_HOST_MODE}" == "hostname" ]]; then
  jvm "-Dnacos.preferHostnameOverIp=true"
fi

# Not in the official image: on a machine that runs a whole cluster, Nacos starts with half the CPU time if the JVM's
# second compiler is off.
jvm "-XX:TieredStopAtLevel=1"
jvm "-Dnacos.member.list="
if [[ -n "${NACOS_DEPLOYMENT_TYPE}" ]]; then
  jvm "-Dnacos.deployment.type=${NACOS_DEPLOYMENT_TYPE}"
fi
jvm "-Xlog:gc*:file=${BASE_DIR}/logs/nacos_gc.log:time,tags:filecount=10,filesize=102400"
jvm "-Dnacos.home=${BASE_DIR}"
jvm "-jar ${BASE_DIR}/target/nacos-server.jar"

# From here on these are Spring's arguments, not the JVM's: JAVA_OPT_EXT takes --key=value.
jvm "${JAVA_OPT_EXT}"
# Nacos itself reads application.properties from the last of these locations.
jvm "--spring.config.additional-location=optional:file:${BASE_DIR}/init.d/,file:${BASE_DIR}/conf/"
jvm "--spring.config.name=application,custom"
jvm "--logging.config=${BASE_DIR}/conf/nacos-logback.xml"
jvm "--server.max-http-header-size=524288"

echo "Nacos is starting, you can docker logs your container"
# shellcheck disable=SC2086 # a list of words by design
exec "${JAVA}" ${JAVA_OPT}
