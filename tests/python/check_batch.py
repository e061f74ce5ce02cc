"""Holds the recipes of a folder against what their engines take: Kubernetes' schemas, AWS' service model, Cloud Run's messages.

Usage: check_batch.py FOLDER. Prints how many documents were checked, by engine; fails where one is refused, or where a broken one is not.
"""

import copy
import json
import sys
from pathlib import Path

import botocore.session
import kubernetes_validate
import yaml
from botocore.validate import ParamValidator
from google.cloud import run_v2
from google.protobuf import json_format

KUBERNETES = "1.29"


def kubernetes(document: dict) -> None:
    kubernetes_validate.validate(document, KUBERNETES, strict=True)


def aws(operation: str):
    model = botocore.session.get_session().get_service_model("batch")
    shape = model.operation_model(operation).input_shape

    def check(document: dict) -> None:
        report = ParamValidator().validate(document, shape)
        if report.has_errors():
            raise ValueError(report.generate_report())

    return check


def cloud_run(document: dict) -> None:
    json_format.ParseDict(document, run_v2.Job.pb(run_v2.Job()))


def misspelt(document: dict) -> dict:
    """The same with one name wrong somewhere deep inside."""
    broken = copy.deepcopy(document)
    inner = broken
    while True:
        deeper = [value for value in inner.values() if isinstance(value, dict) and value]
        if not deeper:
            break
        inner = deeper[0]
    inner["mispelt"] = 1
    return broken


def main() -> None:
    folder = Path(sys.argv[1])
    checks = [("kubernetes", kubernetes, document) for document in yaml.safe_load_all((folder / "kubernetes.yaml").read_text())]
    for name, check in [
        ("aws-batch-definition.json", aws("RegisterJobDefinition")),
        ("aws-batch-submit.json", aws("SubmitJob")),
        ("cloud-run.json", cloud_run),
    ]:
        checks.append((name.split(".")[0], check, json.loads((folder / name).read_text())))
    counts: dict[str, int] = {}
    for name, check, document in checks:
        check(document)
        # `parameters` and the like take any name: the mistake is made at the top there.
        for broken in (misspelt(document), {**document, "mispelt": 1}):
            try:
                check(broken)
            except Exception:
                break
        else:
            raise SystemExit(f"{name}: a misspelt name was not seen")
        counts[name] = counts.get(name, 0) + 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
