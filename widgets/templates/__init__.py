"""Ready networks as pictures to choose from."""

from widgets.templates.card import Card
from widgets.templates.gallery import TemplateGallery

__all__ = ["Card", "TemplateGallery"]
