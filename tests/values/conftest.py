"""Fixtures that more than one file of tests uses; each is written beside its subject."""

from tests.values.fake_pip import pip, tiny_files
from tests.values.tiny_checkpoints import sharded, whole
from tests.values.tiny_hub import empty_cache, server

__all__ = ["empty_cache", "pip", "server", "sharded", "tiny_files", "whole"]
