"""The conversion of the seed's design, as it stands there: the whole tree in memory, then one line per finding."""
import json
import resource
import sys
import time
import xml.etree.ElementTree as ET

start = time.perf_counter()
with open(sys.argv[1], "rb") as report:
    root = ET.fromstring(report.read())
fields = ["host", "plugin_id", "plugin_name", "severity", "cve", "description", "solution"]
lines = []
for report_host in root.findall(".//ReportHost"):
    host = report_host.get("name")
    for item in report_host.findall("ReportItem"):
        finding = {
            "type": "vulnerability",
            "host": host,
            "plugin_id": int(item.get("pluginID")),
            "plugin_name": item.get("pluginName"),
            "severity": item.get("severity"),
        }
        for child in item:
            finding[child.tag] = child.text
        lines.append(json.dumps({k: v for k, v in finding.items() if k in fields or k == "type"}))
answer = "\n".join(lines)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"ms": seconds * 1000, "peakMb": peak, "findings": len(lines)}))
