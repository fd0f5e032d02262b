# Forms: what must be filled in, the preview of a pasted list, partners, reception, issuing.
page-required = required
page-required-line = Fields marked “required” must be filled in.
page-required-later = needed to submit
page-required-later-line = Fields marked “needed to submit” may be empty in a draft; without them the dossier cannot be submitted.
preview-refused = { $n ->
    [one] { $n } row of { $all } has errors
   *[other] { $n } rows of { $all } have errors
 }
preview-row = Row { $line }: { $words }
preview-more = { $n ->
    [one] { $n } more row has errors; it is marked in the preview.
   *[other] { $n } more rows have errors; they are marked in the preview.
 }
members-nothing-yet = Nobody has been added yet. The { $good } rows that can be read stay in the box below: mend the rows with errors, press “Show what it becomes”, and the whole list is added at once.
ledger-nothing-yet = Nothing has been loaded yet. The other { $good } rows stay in the box below: mend the rows with errors, press “Show what it becomes”, and the whole ledger is loaded at once.
register-add-partner = Save draft and add a new partner
register-programme-row = Programme item { $n }
register-group-row = Group of guests { $n }
register-stay-row = Destination { $n }
register-funding-row = Source of funding { $n }
report-added-row = Additional person { $n }
hint-partner-id = With a partner, whoever decides is shown its visits before.
label-receive-number = Incoming number
hint-receive-number = The number in the register of incoming papers.
label-receive-at = Came in at
hint-receive-at = Empty means now. What comes after office hours counts from the next working day.
label-receive-rows-number = Incoming number
label-issue-number = Number of the paper
label-issue-date = Date of the paper
hint-issue-date = Today is filled in; not before the day of approval.
hint-issue-signer = Whoever approved is filled in; change it if somebody else signs.
label-issue-rows-number = Number of the paper
issue-registered = The office's own register gives the number when the paper is issued.
people-which = Choose a list
people-guests = Guests
people-home = People from Vietnam
people-all = Everybody
calendar-confidence = Unless a day says otherwise, how sure the source is: { $confidence }.
word-due-kind-receive = Last day to receive
word-due-kind-issue = Last day to issue the paper
word-due-kind-submit = Last day to submit
word-due-kind-permit = The permit ends
calendar-more-due = { $n ->
    [one] { $n } more deadline
   *[other] { $n } more deadlines
 }
label-at = At
