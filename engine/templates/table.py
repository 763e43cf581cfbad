"""Every ready network by its id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.templates.architectures import architectures
from engine.templates.basic import BASIC
from engine.templates.generative import GENERATIVE
from engine.templates.image_to_image import REDRAWING
from engine.templates.pictures import PICTURE_NETWORKS
from engine.templates.sequences import SEQUENCE_NETWORKS
from engine.templates.template import Template

_ALL: Final = (
    *BASIC,
    *PICTURE_NETWORKS,
    *REDRAWING,
    *SEQUENCE_NETWORKS,
    *GENERATIVE,
    *architectures(),
)
TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType({each.id: each for each in _ALL})
"""Ready networks: each can be trained at once on all data it says it suits."""
