"""Sentences of services in templates: {{ error.cause|said }}."""

from django import template

from lastmile import refusals

register = template.Library()


@register.filter
def said(sentence: object) -> str:
    return refusals.said(str(sentence)) if sentence else ""
