# The form that registers a delegation.

label-organisation-id = Filed by
register-other-fields = Further fields of work, if any
register-co-hosts = Co-hosts, if any
register-after-the-fact = Did the delegation come before this was filed?
register-co-hosts-lead = A co-host may see the dossier, and is told when the permit is issued.
label-ngo-registration-number = Registration number of the non-governmental organisation
label-ngo-registration-expires-on = Registration valid until
hint-ngo-registration-number = Only for guests of a foreign non-governmental organisation (Decree 58/2022/NĐ-CP).
hint-origin = “Registered after the visit” is for a delegation that came before there was a dossier; it is appraised all the same, counted, and listed in annex 6.
hint-origin-reason = Only when registered after the visit: why no permission was asked before.
label-programme-press-conference = Is a press conference
label-funding-persons = Persons
label-funding-days = Days
label-funding-rate = Rate for one person and one day
label-funding-covers = What for
register-plan = Annual plan
register-plan-lead = The items below are of the plan of { $year }, by the first day that is saved.
label-plan-status = Against the plan
label-plan-item-id = Item of the plan
label-plan-reason = Why outside of the plan, or in place of the item
word-cover-airfare = Air fare
word-cover-lodging = Lodging
word-cover-per-diem = Per diem
word-cover-local-travel = Local travel
word-cover-conference-fee = Conference fee
label-outbound-leaves-vn-on = Leaves Vietnam on
label-outbound-arrives-on = Arrives in the first country on
label-outbound-departs-on = Leaves the last country on
label-outbound-enters-vn-on = Back in Vietnam on
funding-persons = { $n ->
    [one] { $n } person
   *[other] { $n } persons
 }
funding-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
 }
funding-rate = { $amount } for one person and one day
dossier-stated = Everything that was stated
