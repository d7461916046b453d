import { versionOf } from "./debian";
import { extractPrograms, programsSource } from "./programs";
import { Recipe } from "./recipe";

/** Prometheus' exporter for MySQL of Debian's rolling suite: the newest servers have other names for what older exporters query. */
export const mysqldExporter: Recipe = {
  name: "mysqld-exporter",
  sources: [__filename, programsSource],
  async build(site) {
    await extractPrograms(site, {
      suite: "sid",
      packages: ["prometheus-mysqld-exporter"],
      programs: { "usr/bin/prometheus-mysqld-exporter": "bin/mysqld_exporter" },
    });
    return {
      version: await versionOf(site.root, ["/bin/mysqld_exporter", "--version"]),
      config: { User: "nobody", Entrypoint: ["/bin/mysqld_exporter"], ExposedPorts: { "9104/tcp": {} } },
    };
  },
};
