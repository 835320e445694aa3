"""Rules of time: hours that do not meet, sittings missed, limits that are late, hoarded or without a clock."""
