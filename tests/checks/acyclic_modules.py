"""A contract for import-linter: no cycle of imports between modules, packages' own included.

Import-linter's own ``acyclic_siblings`` compares the children of a package with each other, and so
misses a module that imports the package that imports it.
"""

from graphlib import CycleError, TopologicalSorter

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


class AcyclicModules(Contract):
    """Kept if the modules can be sorted so that each imports only earlier ones."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001
        """Return whether the contract is kept, with one cycle if it is not."""
        imports = {
            module: graph.find_modules_directly_imported_by(module) for module in graph.modules
        }
        try:
            TopologicalSorter(imports).prepare()
        except CycleError as error:
            return ContractCheck(kept=False, metadata={"cycle": error.args[1]})
        return ContractCheck(kept=True)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the cycle."""
        output.print_error(" imported by ".join(check.metadata["cycle"]))
