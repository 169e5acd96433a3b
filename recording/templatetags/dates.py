"""`recording.dates` in templates."""

from django import template

from recording import dates

register = template.Library()
register.filter("day_in_words", dates.day_in_words)
register.filter("plain_date", dates.plain_date)
register.filter("clock", dates.clock)
register.filter("moment_in_words", dates.moment_in_words)
