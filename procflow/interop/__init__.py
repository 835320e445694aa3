"""Processes of other tools: reading them as definition files, with what they do not say left out and told."""
