# How a deadline is counted, in a sentence. Variables: $n number, $anchor day from which it is counted, $name of a
# holiday, $days of it, $years without a calendar, $day the last day.

rules-term-before-wd = { $n } working days before { $anchor }
rules-term-before-cd = { $n } days before { $anchor }
rules-term-before-h = { $n } hours before the event on { $anchor }
rules-term-after-wd = { $n } working days after { $anchor }
rules-term-after-cd = { $n } days after { $anchor }
rules-term-after-h = { $n } hours after the event on { $anchor }
rules-skipped = { $name } { $days } skipped
rules-uncovered = no official calendar for { $years } yet, a guess
rules-by = by { $day }
