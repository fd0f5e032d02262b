# How a deadline is counted, in a sentence. Variables: $n number, $anchor day from which it is counted, $name of a
# holiday, $days of it, $years without a calendar, $day the last day.

rules-term-before-wd = { $n ->
    [one] 1 working day before { $anchor }
   *[other] { $n } working days before { $anchor }
}
rules-term-before-cd = { $n ->
    [one] 1 day before { $anchor }
   *[other] { $n } days before { $anchor }
}
rules-term-before-h = { $n ->
    [one] 1 hour before the event on { $anchor }
   *[other] { $n } hours before the event on { $anchor }
}
rules-term-after-wd = { $n ->
    [one] 1 working day after { $anchor }
   *[other] { $n } working days after { $anchor }
}
rules-term-after-cd = { $n ->
    [one] 1 day after { $anchor }
   *[other] { $n } days after { $anchor }
}
rules-term-after-h = { $n ->
    [one] 1 hour after the event on { $anchor }
   *[other] { $n } hours after the event on { $anchor }
}
rules-skipped = { $name } { $days } skipped
rules-uncovered = no official calendar for { $years } yet, a guess
rules-by = by { $day }
rules-moved-before = { $day } is a day off, so the working day before it
rules-moved-after = { $day } is a day off, so the next working day
rules-uncertain = not certain: { $days } ({ $name })

# What does not fit, one sentence each. Numbers of rows count from 1.

mismatch-letter_people = The letter names { $letter } persons, the list has { $list }.
mismatch-item_outside = Item { $no } of the programme is on { $day }, outside the days { $first } to { $last }.
mismatch-stay_outside = Stay { $no } ({ $from } to { $to }) lies outside the trip ({ $first } to { $last }).
mismatch-cost_product = Line { $no } of the cost is { $amount }, but { $persons } persons x { $days } days x { $rate } is { $product }.
mismatch-cost_persons = Line { $no } of the cost is for { $persons } persons, the list has { $people }.
mismatch-cost_uncovered = The cost is for { $persons } persons in all, the list has { $people }.
mismatch-cost_days = Line { $no } of the cost is for { $days } days, the trip has { $trip }.
mismatch-passport_short = The passport of member { $no } ends on { $expires }; it must be valid until { $needed }.
mismatch-overlap = Member { $no } is in another delegation at the same time: { $others }.
mismatch-party_too_large = { $people } persons travel; at most { $most } may under this head.
mismatch-country_too_long = { $days } days in { $country }, at most { $most }.
mismatch-too_many_countries = { $countries } countries, at most { $most }.
mismatch-trip_too_long = The trip has { $days } days, at most { $most }.
mismatch-too_many_trips = It is trip number { $trips } of member { $no } in the year, at most { $most }.
mismatch-leaders_together = Member { $head } heads the unit of which member { $deputy } is a deputy.
mismatch-forbidden_payer = Line { $no } of the cost is paid by one who may not pay.
mismatch-delegation-confidential = a confidential delegation
mismatch-delegation-elsewhere = a delegation of another office

# Facts that rules ask for, in the self-check.

fact-direction = direction
fact-origin = origin of the dossier
fact-amends = whether it is an amendment
fact-owner-kind = kind of the filing body
fact-guest-kinds = kinds of guests
fact-rank = rank
fact-channel = channel
fact-countries = countries
fact-sensitive = whether it is sensitive
fact-press = whether reporters come
fact-press-new = whether new reporters come
fact-press-permitted = whether reporters were permitted
fact-visa-needed = whether a visa is needed
fact-sponsored = whether it is sponsored
fact-urgent = whether it is urgent
fact-training = whether it is a training
fact-plan = annual plan
fact-head-level = level of the head
fact-filed-on = day of filing
fact-arrives-on = day of arrival
fact-departs-on = day of departure
fact-enters-vn-on = day of entry (return)
fact-leaves-vn-on = day of leaving Vietnam
fact-programme = programme
fact-stays = stays
fact-funding = cost
fact-people = number of persons
fact-people-in-letter = number of persons in the letter
fact-travellers = members
fact-papers = papers
fact-answers = answers on paper
fact-ngo-registration = registration of the non-governmental organisation
fact-ngo-registration-expires-on = last day of the registration
fact-overdue = overdue duties of the body
fact-issued-on = day of the permit's issue
fact-managed-by = who manages the officials
fact-leadership = leading positions
fact-passport-type = kind of passport
fact-party-member = party membership
fact-overnight = whether somebody stays overnight
fact-passport-expires-on = last day of passports
fact-trips-this-year = trips in the year
fact-overlaps = other delegations at the same time
trial-title = Try the rules on a delegation
trial-lead = Without a dossier: state what is known, and read by which day it would have to be filed, which papers it needs, who has to be heard and on which basis. What is left empty is unknown. Nothing is stored; the question stands in the address of the page and can be sent to a colleague.
trial-ask = What do the rules say
trial-clear = Begin again
trial-empty = Choose a direction and state the days that are known; the answer stands here.
label-filed-on = Day of filing
hint-trial-filed-on = Empty means today.
label-trial-countries = Guests from, or travelling to
label-visa-needed = Does a guest need a visa
label-people = Number of people
