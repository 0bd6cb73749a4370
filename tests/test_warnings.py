"""Which warnings fail a test: those of our own calls, and all that say more than what a package plans."""

import warnings
from types import CodeType

import pytest

PLANS = [DeprecationWarning, PendingDeprecationWarning, FutureWarning]
CALL: CodeType = compile("warnings.warn('cache will be needed', category)", "somewhere.py", "exec")


def warn_from(module: str, category: type[Warning]) -> None:
    """Warn as code of that module does, or as what it calls does by `stacklevel=2`."""
    exec(CALL, {"__name__": module, "warnings": warnings, "category": category})


@pytest.mark.parametrize("category", PLANS)
@pytest.mark.parametrize("module", ["mmviz", "mmviz.values.model.run", "tests.conftest", "tests.values.test_model"])
def test_a_deprecated_call_of_ours_is_an_error(module: str, category: type[Warning]) -> None:
    with pytest.raises(category, match="cache will be needed"):
        warn_from(module, category)


@pytest.mark.parametrize("category", PLANS)
@pytest.mark.parametrize("module", ["transformers.utils.generic", "torch.nn", "testsuite", "mmvizard", "not.mmviz"])
def test_a_deprecated_call_of_another_package_is_none(module: str, category: type[Warning]) -> None:
    warn_from(module, category)


@pytest.mark.parametrize("category", [UserWarning, RuntimeWarning, ResourceWarning, SyntaxWarning])
@pytest.mark.parametrize("module", ["mmviz", "transformers.utils.generic"])
def test_every_other_warning_is_an_error_wherever_it_comes_from(module: str, category: type[Warning]) -> None:
    with pytest.raises(category):
        warn_from(module, category)
