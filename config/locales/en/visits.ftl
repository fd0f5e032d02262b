# After the visit; what must be said before it is done.
visit-title = After the visit
visit-correct = Correct the report
visit-came = Came
visit-persons = { $n ->
    [one] { $n } person
   *[other] { $n } persons
}
visit-added = came besides
visit-reported = Last reported
visit-group = { $n } of { $planned } unnamed guests came ({ $country })
visit-correcting = Reported { $when }. This form begins with what was reported; correct what is wrong and send it again.
visit-closed-before = The return { $periods } is closed. What you report here will be a change to it.
visit-closed-after = The last report came after the return { $periods } had been closed: it is a change to the closed return.
visit-came-without-permit = No paper permits this delegation. If it really came, that must be recorded all the same, and annex 6 of the return tells of it.
visit-came-before-planned = The first planned day of this delegation has not come. If it really came early, that must be recorded all the same.
label-unpermitted = I confirm that the delegation really came
field-came-without-permit = No paper permits this delegation: tick the confirmation if it really came
field-came-before-planned = The first planned day has not come: tick the confirmation if the delegation really came early
field-nobody-came = Nobody is left who came: tick “Nobody came”, or tick who came
field-not-begun = The first planned day has not come, so nobody can have failed to come; if the delegation is off, cancel it
word-value-unpermitted = Came without permission
month-came = Arrived
month-left = Left
month-elsewhere = { $n ->
    [one] 1 delegation, which stands under another heading of this page.
   *[other] { $n } delegations, which stand under other headings of this page.
}
alert-of-duty = { $alert }: { $duty } (due { $due })
recall-keeps = The dossier becomes a draft again and keeps its number and content. It must be submitted again to be looked at.
recall-gives-up = The changes of this amendment are thrown away: the content that was permitted comes back, and the permit stays in force. To amend it later, type them in again.
recall-changes = Thrown away are:
label-gives-up-changes = I agree that the changes of this amendment are thrown away
field-changes-are-lost = Tick that the changes may be thrown away, or go back to the dossier
amend-what = This delegation is approved. A change of what must be permitted again (such as another or a further person, another head, nationality, days, countries or cost) opens an amendment: the dossier becomes a draft and must be submitted again. The present permit stays in force until the amendment is decided.
duplicate-lead = The duplicate is closed and counted no more; the original stays as it is. Type in the number of the original to compare them first.
duplicate-compare = Compare the two
duplicate-compared = Is it the same delegation?
duplicate-this = This dossier (the duplicate)
duplicate-original = The original
duplicate-people = Persons
duplicate-what = If it is the same delegation: this dossier is closed, is counted no more and cannot be opened again. The delegation is counted by the original.
duplicate-of = This dossier is a duplicate of
duplicate-copy = A duplicate of this dossier:
label-confirmed = I confirm that this account audits and works on dossiers
label-grants-confirmed = I confirm that this account audits and works on dossiers
field-audits-own-work = An auditor reads every dossier and the journal; with a role that works on dossiers, he or she audits own work. If that is meant, tick the confirmation
papers-same = This file is already here and was not added again:
papers-twin = The file you added is the same as one that is already here as another kind of paper; if that was a slip, delete one of them:
papers-too-large = The file is too large: at most { $size } each
field-file-name-too-long = The name of the file is too long: at most 200 characters
