import assert from "node:assert/strict";
import { metricCounts } from "../../../../runtime/nacos-members/counts";

describe("How much a Nacos server has", () => {
  it("stands in its metrics, whatever the order and the comma at the end of the labels", () => {
    const text = [
      "# TYPE nacos_monitor gauge",
      'nacos_monitor{module="naming",name="ipCount",} 55.0',
      'nacos_monitor{module="naming",name="serviceCount"} 28.0',
      'nacos_monitor{name="configCount",module="config"} 1.2E3',
      'nacos_monitor{module="config",name="longConnection",} 4.0',
      'nacos_timer_seconds_sum{module="config",name="configCount"} 9.0',
    ].join("\n");
    assert.deepEqual(metricCounts(text), { connections: 4, configurations: 1200, services: 28, instances: 55 });
  });

  it("is not known if a metric is missing or is no number", () => {
    assert.deepEqual(metricCounts('nacos_monitor{module="naming",name="ipCount"} NaN'), {
      connections: undefined,
      configurations: undefined,
      services: undefined,
      instances: undefined,
    });
  });
});
