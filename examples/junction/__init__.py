"""A junction whose signals a rule of Everyframe changes, in the traffic simulation SUMO."""
