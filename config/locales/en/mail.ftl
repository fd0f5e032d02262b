# Automatic mails. Variables: $code of the dossier, $delegation its kind, $organisation, $step what is to be
# done, $name of the reader. Never a guest's name, a passport number or a delegation's title.

mail-greeting = Dear { $name },
mail-greeting-nameless = Dear Sir or Madam,
mail-footer = This mail was sent automatically; please do not reply. It holds nothing about guests: the dossier can be read after signing in.
mail-action-open = Open the dossier
mail-action-sign-in = Choose a password and sign in

mail-delegation = delegation
mail-delegation-inbound = inbound delegation
mail-delegation-outbound = outbound delegation
mail-no-code = not numbered yet

mail-step-endorse = endorsement
mail-step-appraise = appraisal
mail-step-opinion = an opinion
mail-step-approve = approval
mail-step-other = action

mail-label-code = Dossier
mail-label-organisation = Organisation
mail-label-arrives = Arrives
mail-label-departs = Departs
mail-label-period = Period
mail-label-sha256 = SHA-256
mail-label-due = Due

mail-subject-submitted-for-receipt = [{ $code }] Waits to be received: { $delegation }
mail-lead-submitted-for-receipt = { $organisation } has submitted { $delegation } { $code }. Please check that the dossier is complete and receive it.

mail-subject-received-for-step = [{ $code }] Waits for { $step }: { $delegation }
mail-lead-received-for-step = The dossier of { $delegation } { $code } from { $organisation } has reached your step and waits for { $step }.

mail-subject-approved-officer = [{ $code }] Approved: { $delegation }
mail-lead-approved-officer = The dossier of { $delegation } { $code } is approved, but there is no permit yet. You will be told when it is issued.

mail-subject-approved-to-issue = [{ $code }] Permit to be issued
mail-lead-approved-to-issue = The dossier of { $delegation } { $code } from { $organisation } is approved. Please issue the permit and enter number, symbol, date and signer.

mail-subject-issued-officer = [{ $code }] Permit issued
mail-lead-issued-officer = The permit for { $delegation } { $code } has been issued. When the visit is over, please report what really happened.

mail-subject-issued-appraiser = [{ $code }] Permit issued after your appraisal
mail-lead-issued-appraiser = The permit for { $delegation } { $code } from { $organisation }, which you appraised, has been issued.

mail-subject-issued-cohost = [{ $code }] Permit issued: you are a co-host
mail-lead-issued-cohost = Your organisation is a co-host of { $delegation } { $code }, led by { $organisation }. The permit has been issued.

mail-subject-returned = [{ $code }] Returned for a supplement: { $delegation }
mail-lead-returned = The dossier of { $delegation } { $code } is returned for a supplement. What is missing is listed in the dossier; it lapses if nothing is supplied in time.

mail-subject-rejected = [{ $code }] Refused: { $delegation }
mail-lead-rejected = The dossier of { $delegation } { $code } is refused. The reason is given in the dossier.

mail-subject-revoked = [{ $code }] Permit revoked
mail-lead-revoked = The permit for { $delegation } { $code } is revoked. The reason is given in the dossier.

mail-subject-invitation = Activate your account
mail-lead-invitation = An account at { $organisation } has been made for you. The link below works once, to choose a password; please do not forward it. If you did not expect this mail, please ignore it.

mail-subject-lapsed = [{ $code }] Lapsed: { $delegation }
mail-lead-lapsed = No supplement came in time, so the dossier of { $delegation } { $code } has lapsed. This is not a refusal: you can make a new dossier from it.

mail-subject-cancelled = [{ $code }] Cancelled: { $delegation }
mail-lead-cancelled = The dossier of { $delegation } { $code } from { $organisation } is cancelled. There is nothing more to do.

mail-subject-recalled = [{ $code }] Recalled: { $delegation }
mail-lead-recalled = { $organisation } has recalled { $delegation } { $code } to change it. The dossier keeps its code and may be submitted again.

mail-subject-override-asked = [{ $code }] An override is asked for
mail-lead-override-asked = { $organisation } asks to override a rule for the { $delegation } { $code }. The reason is in the dossier; please grant or refuse it.

mail-subject-override-answered = [{ $code }] Your request for an override was answered
mail-lead-override-answered = The request to override a rule for the { $delegation } { $code } was answered. The answer is in the dossier.
mail-subject-digest = Reminder: { $count } due or overdue
mail-lead-digest = This is what you have to do soon, now, or should have done. Please record in the dossier what is done, and you will not be reminded of it again.
mail-action-list = Open the list

# Mails about a return: $period its period, $organisation whose it is. A link and a SHA-256 alone, never the return.
mail-subject-return-prepared = Return ({ $period }) prepared: to be checked and closed
mail-lead-return-prepared = The return ({ $period }) of { $organisation } has been prepared. Please check the figures and close the period by the day on which it is due.
mail-subject-return-closed = Return ({ $period }) closed
mail-lead-return-closed = The return ({ $period }) of { $organisation } has been closed. The SHA-256 below is that of the manifest of its files.
mail-action-return = Open the return

mail-when-due = Due { $day }
mail-when-overdue = Overdue since { $day }
mail-when-arrives = Arrives { $day }
mail-when-expires = Ends { $day }

mail-matter-police-notice = Notice to the city police
mail-matter-press-licence = Number of the press licence
mail-matter-press-conference = Notice of a press conference
mail-matter-sea-border-notice = Notice of a visit to the sea-border area
mail-matter-restricted-permit = Permit for a restricted or border area
mail-matter-temporary-stay = Temporary-stay declaration
mail-matter-sponsorship-end = Report on the end of a sponsorship
mail-matter-press-report = Report on foreign press
mail-matter-result-report = Result report
mail-matter-passport-return = Passport to be handed back
mail-matter-cell-report = Report to the party cell
mail-matter-delivery = Delivery of a paper to a recipient
mail-matter-follow-up = Recipient to be told that a paper changed or is void
mail-matter-other = Another duty
mail-matter-no-permit = The delegation arrives soon and has no permit
mail-matter-permit-expires = The permit ends before the delegation leaves

# To the witness: $size entries of the journal, $at when it was signed.
mail-subject-checkpoint = [Journal] Checkpoint of { $size } entries, signed at { $at }
mail-lead-checkpoint = This is a signed checkpoint of the system's journal: { $size } entries, signed at { $at }. Please keep this mail with its attachment. To find out whether the journal was changed, cut or replaced by an old copy, run: legation audit verify --checkpoint FILE
mail-label-keys = Public keys that verify the signature:
