# The form that registers a delegation.

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
copy-title = New delegation from this one
copy-takes = Taken over: title, purpose, field, host and co-hosts, partner, contact, programme, funding and members.
copy-leaves = Left behind: days of arrival and departure, the request letter, the annual plan, papers, opinions and results. The times in the programme are those of the last visit; please correct them.
copy-do = Make the new draft
history-all = The whole timeline, with every paper that was taken
history-older = What happened before
office-numbers = Numbers that the system gave this year, and those that are struck.
numbers-title = Register of papers
numbers-whose = Register of
numbers-none = No number was given this year.
numbers-number = Number and symbol
numbers-kind = Kind of paper
numbers-date = Date of the paper
numbers-dossier = Delegation
numbers-struck = Struck; the number is not given again
numbers-not-yours = A delegation that you may not see
numbers-elsewhere = Papers get their numbers from the office's document system, so there is no register here. Where an office has no other, the administrator switches it on with paper.register in the configuration.
word-register-kind-permit = Permit letter
word-register-kind-decision = Decision to send abroad
word-register-kind-revocation = Revocation
members-unread-columns = Columns that are not read: { $names }. What stands there will not be saved; if it is needed, please rename the column and paste again.
members-unread-lines = Lines that are no guests and are left out:
members-then-papers = Next: papers
members-then-submit = Check and submit
decide-jump = To the decision

# Members
label-members = Members
label-managed-by = Managed by
label-leadership = Leading post
label-party-member = Member of the Party
members-unsaid = Not stated: { $what }
