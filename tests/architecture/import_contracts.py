"""Import-linter contract: a room's private modules are opened only from inside that room."""

from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateContract(Contract):
    """For each tihuo.<room>.<private>, every direct importer starts with tihuo.<room>."""

    type_name = "private"
    private = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        private = cast("list[str]", self.private)
        allowed = cast("list[str]", self.allowed or [])
        for module in sorted(graph.modules):
            parts = module.split(".")
            if len(parts) < 3 or parts[2] not in private:
                continue
            room = ".".join(parts[:2])
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                if importer != room and not importer.startswith(room + ".") and importer not in allowed:
                    broken.append((importer, module))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: Any) -> None:
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} opens {module}; ask that room's service instead")
