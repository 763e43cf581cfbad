"""Ready networks, cut to the data they are to learn, and the projects that start from them."""

from engine.templates.hyperparameters import default_training
from engine.templates.projects import new_project
from engine.templates.proposal import Proposal, propose
from engine.templates.table import TEMPLATES
from engine.templates.template import Template

__all__ = [
    "TEMPLATES", "Proposal", "Template", "default_training", "new_project",
    "propose",
]  # fmt: skip
