import { extractDebian, makeFolder, versionOf } from "./debian";
import { Recipe } from "./recipe";

const uid = 999; // as in the official image

/** MySQL server and client of Debian's rolling suite, the one that carries Oracle's MySQL. Its version is the archive's. */
export const mysql: Recipe = {
  name: "mysql",
  sources: [__filename],
  async build(site) {
    await extractDebian(site, {
      suite: "sid",
      // Beside the server: the shell tools that the official image has, as scripts in pods use them.
      packages: [
        "mysql-server-core",
        "mysql-client-core",
        "bash",
        "coreutils",
        "grep",
        "sed",
        "findutils",
        "gzip",
        "bzip2",
        "xz-utils",
        "zstd",
        "openssl",
        "hostname",
      ],
      account: { name: "mysql", id: uid, home: "/var/lib/mysql" },
      drop: [
        "usr/bin/perl*",
        "usr/lib/*/libperl*",
        "usr/lib/*/perl*",
        "usr/share/perl",
        "etc/perl",
        // Each of these statically linked tools is 7 MB; nothing here runs them.
        "usr/bin/myisam*",
        "usr/bin/mysqlslap",
        "usr/bin/mysqlimport",
        "usr/bin/mysqlshow",
        "usr/bin/mysql_migrate_keyring",
        "usr/bin/mysql_secure_installation",
        "usr/bin/mysql_config_editor",
        "usr/bin/mysql_tzinfo_to_sql",
        "usr/bin/my_print_defaults",
        "usr/bin/perror",
        "usr/bin/ibd2sdi",
        "usr/bin/innochecksum",
        "usr/lib/mysql/plugin/authentication_*_client.so",
        "usr/lib/mysql/plugin/telemetry_client.so",
        "usr/lib/mysql/plugin/component_telemetry.so",
        "usr/lib/*/gconv",
        "usr/lib/*/libtcmalloc_*debug*",
        "usr/lib/*/libtcmalloc_and_profiler*",
        "usr/share/gcc",
        "usr/share/gdb",
      ],
    });
    makeFolder(site.root, "var/lib/mysql", uid, 0o750);
    makeFolder(site.root, "var/lib/mysql-files", uid, 0o750); // the built-in secure_file_priv; mysqld refuses to start without it
    makeFolder(site.root, "run/mysqld", uid, 0o1777);
    return {
      version: await versionOf(site.root, ["/usr/sbin/mysqld", "--no-defaults", "--version"]),
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Cmd: ["mysqld"],
        ExposedPorts: { "3306/tcp": {} },
      },
    };
  },
};
