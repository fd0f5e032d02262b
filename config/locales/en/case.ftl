# Pages of a dossier: what is lacking, errors and what comes next, the journal in words.

# What the rules say. $what names what is lacking.
rules-lacks = Lacking: { $what }
rules-needs = To be known: { $what }
rules-overdue = Overdue: { $what }
rules-lacks-of = { $what } of { $names }
rules-lacks-opinion = the agreement of { $body }
rules-lacks-step = the step “{ $step }”
rules-and-more = { $n ->
    [one] { $names } and one more
   *[other] { $names } and { $n } more
 }
rules-does-not-block = a warning; it does not stop the submission
rules-n-unknown = { $n ->
    [one] One rule without enough information
   *[other] { $n } rules without enough information
 }
rules-n-no-rule-in-force = { $n ->
    [one] One matter without a rule in force
   *[other] { $n } matters without a rule in force
 }
rules-n-met = { $n ->
    [one] One rule that is kept
   *[other] { $n } rules that are kept
 }
rules-n-noted = { $n ->
    [one] One thing to know
   *[other] { $n } things to know
 }
papers-scans-of = Lacking of: { $names }
papers-typed-list = { $n ->
    [one] One person is typed in; the signed list of the unit is still needed.
   *[other] { $n } people are typed in; the signed list of the unit is still needed.
 }
papers-typed-programme = { $n ->
    [one] One item of the programme is typed in; the unit's paper is still needed.
   *[other] { $n } items of the programme are typed in; the unit's paper is still needed.
 }
papers-take-list = Take the list that the system writes, for signature (DOCX)

# The page of a dossier, the inbox, the sheet on which is decided.
dossier-early = Not due yet
dossier-back = To stop or take back
inbox-returned = Returned because: { $why }
decide-place-date = { $place }, day ……… month ……… year ……………
decide-date = Day ……… month ……… year ……………
decide-sign-here = (Title, signature, full name)

# A field of another kind: what should stand there.
field-wants-number = Must be a whole number (such as 12)
field-wants-yes-or-no = Must be “Yes” or “No”
field-wants-text = Must be a text
field-wants-list = Must be a list of values
field-wants-parts = Must consist of its own fields
field-wants-choice = Must be chosen from the list
page-error-form = What the form sent is not right ({ $words }). Please open the page again and fill it in anew.

# Pages about errors: what happened and what to do next. By the code of the error, else by the status.
error-status = Error { $status }
error-again = Open this page again
error-home = First page
error-request = Request id:
error-request-lead = If you need help, please quote it to the administrator of your office.
error-title-internal = Something went wrong here
error-title-busy = The system is busy
error-title-too-many-requests = Too many requests
error-title-stale-version = Somebody else has changed the dossier
error-title-precondition-required = The form lacks the version of the dossier
error-title-idempotency-key-reused = This form was sent before
error-title-form-from-elsewhere = The form was not taken
error-why-400 = The address or what was sent could not be read. If you opened a saved link, please start again from the list.
error-why-403 = Your account may not do this. If it is your work, please ask the administrator of your office for the role.
error-why-404 = There is nothing at this address, or you are not among those who may see it. Please check the link.
error-why-404-search = { error-why-404 } You can also search by the title or number of the delegation.
error-why-405 = This address only takes its own form. Please open the page with the form again.
error-why-409 = The dossier does not allow this any more, perhaps because somebody else has just acted. Please open it to see where it stands.
error-why-410 = This is no longer in the system. The page of papers of the dossier says why.
error-why-412 = Somebody saved the dossier after you had opened the page. What you typed is kept; please open the page again, look at what changed and send it again.
error-why-413 = What was sent is larger than is taken. Please divide or compress the file and send it again.
error-why-415 = This kind of content is not taken. Please send it from the form of the page.
error-why-422 = What was sent is not valid and was not saved. Please open the page again, mend the points below and send it again.
error-why-428 = The form lacked the version of the dossier and was not saved. Please open the page again and send it once more.
error-why-429 = Too many requests came from this account in a short time. Please wait { $seconds } seconds and try again.
error-why-500 = What you did was not completed, and nothing was saved by halves. Please try again in some minutes; if it fails again, quote the request id below to the administrator.
error-why-501 = This installation cannot do that. Please use another format, or ask the administrator.
error-why-503 = The system has much to do and takes nothing more just now. Nothing was saved by halves; please try again in { $seconds } seconds.
error-why-else = What you did was not completed. Please go back and try again.
error-why-forbidden = “{ $action }” does not belong to your roles here ({ $roles }). Whoever holds the role will do it; if it is your work, please ask the administrator of your office for the role.
error-why-illegal-move = The dossier is in the state “{ $state }”, in which “{ $command }” cannot be done. Please open it to see whom it waits for and what can be done.
error-why-not-your-turn = The open step waits for somebody else, or you have spoken at it already. Please open the dossier to see whom it waits for.
error-why-self-approval = Whoever filed or edited a dossier or travels in it cannot decide on it. Please leave it to somebody else with the right.
error-why-own-house = A mandate does not apply to what your own body asks for or hosts. Please leave it to the giver of the mandate, or to somebody else with the right.
error-why-already-decided = What you said in this round is on record. Please open the dossier to see it; to change it, the dossier must be submitted again.
error-why-binding-objection = A body whose answer binds has objected. Please return or reject the dossier, or wait for another round.
error-why-has-no-person = This account has no person behind it and so cannot decide. Please ask the administrator of your office to link it.
error-why-already-arrived = The delegation has arrived and cannot be cancelled any more. Please open the dossier to revoke the permit or to report.
error-why-form-from-elsewhere = This form did not come from a page of this system, or from a page opened under an earlier sign-in. Please open the page again and send it once more.
error-why-idempotency-key-reused = The form was sent before with another content. Please open the page again to see what was saved, and go on from there.
error-why-paper-sealed = This paper belongs to a round under decision or decided, and stays as it is. New papers can be added to the dossier.
error-why-invalid-link = The link is wrong, was used or has expired. Please ask the administrator of your office for a new one.

# The timeline of a dossier. $name is a member's name, $n how often.
timeline-member-added = Member added: { $name }
timeline-member-changed = Member changed: { $name }
timeline-member-removed = Member removed: { $name }
timeline-member-stated = Member put on record: { $name }
timeline-members-added = { $n ->
    [one] Member added
   *[other] { $n } members added
 }
timeline-members-changed = { $n ->
    [one] Member changed
   *[other] Members changed { $n } times
 }
timeline-members-removed = { $n ->
    [one] Member removed
   *[other] { $n } members removed
 }
timeline-members-stated = { $n ->
    [one] Member put on record
   *[other] { $n } members put on record
 }
timeline-several = { $what } ({ $n } times)
timeline-more-fields = { $fields } and { $n } more

# Rights in words.
word-action-read-dossier = Read the dossier
word-action-register = Register a dossier
word-action-edit = Edit the dossier
word-action-submit = Submit the dossier
word-action-receive = Receive the dossier
word-action-decide = Consider and decide
word-action-record-opinion = Record an answer on paper
word-action-issue = Issue the paper
word-action-report-visit = Report on the visit
word-action-discharge = Confirm what was done
word-action-close = Close the dossier
word-action-cancel = Cancel the delegation
word-action-revoke = Revoke the permit
word-action-mark-duplicate = Mark as duplicate
word-action-read-paper = Read papers
word-action-add-paper = Add papers
word-action-delete-paper = Delete papers
word-action-quarantine-paper = Quarantine papers
word-action-read-inbox = Read the inbox
word-action-prepare-inbox = Prepare the leader's inbox
word-action-give-mandate = Give a mandate
word-action-read-mandates = Read mandates
word-action-read-people = Read the register of people
word-action-edit-people = Edit the register of people
word-action-read-partners = Read partners
word-action-edit-partners = Edit partners
word-action-read-organisations = Read organisations
word-action-edit-organisations = Edit organisations
word-action-read-users = Read accounts
word-action-edit-users = Manage accounts
word-action-read-journal = Read the journal
word-action-read-outbox = Read outgoing mail
word-action-resend-mail = Send mail again
word-action-read-plan = Read the annual plan
word-action-edit-plan = Edit the annual plan
word-action-read-return = Read returns
word-action-close-return = Close returns
word-action-read-rules = Read the rules
word-action-override = Answer a request to pass a rule by
word-action-read-self = Read one's own page

# The journal: what values are called, and the part for machines.
journal-for-machines = Raw data for machines
journal-raw-action = Code of the event
journal-raw-object = Object
journal-raw-account = Id of the account
journal-raw-values = Raw values and hashes
journal-by = Everything by { $name }
journal-somebody = An account without a name
told-member = Member
told-before = { $what } (before)
told-after = { $what } (after)
told-id = an internal id (see “Raw data for machines”)
word-value-acting-for = Acting for
word-value-action = What was tried
word-value-actual-arrives-on = Actual first day
word-value-actual-departs-on = Actual last day
word-value-answer = Answer
word-value-as-of = Figures as of
word-value-at = Time
word-value-attendance = Attendance
word-value-body = Body asked
word-value-bytes = Size (bytes)
word-value-code = Number
word-value-comment = What was said
word-value-conditions = Conditions
word-value-contains-no-state-secret = Declared free of state secrets
word-value-content-hash = Hash of the content
word-value-country = Country or territory
word-value-date = Date of the paper
word-value-day = Day
word-value-decision = Decision
word-value-demo = Trial installation
word-value-display-name = Name shown
word-value-document-id = Travel document
word-value-due-at = Due
word-value-due-on = Due on
word-value-email = Mail address
word-value-entries = Entries
word-value-expires-on = Expires on
word-value-failure = Failure
word-value-failures = Failures
word-value-fields = Fields that changed
word-value-file = File
word-value-file-id = File
word-value-format = Format
word-value-forms = Signing forms
word-value-from = From
word-value-full-name = Name
word-value-given-on = Handed over on
word-value-given-to = Handed over to
word-value-grant = Role granted
word-value-granted = Granted
word-value-handled-offline = Handled outside the system
word-value-holder = Holder of the mandate
word-value-key = Key of the duty
word-value-kind = Kind
word-value-known = Known already
word-value-label = Period
word-value-lang = Language
word-value-letter-date = Date of the mandate
word-value-letter-number = Number of the mandate
word-value-limits = Limits
word-value-made = Made
word-value-mails-held = Mails held
word-value-mandate = Mandate
word-value-media-type = Type of file
word-value-name = Name
word-value-name-en = English name
word-value-name-vi = Vietnamese name
word-value-no = Number
word-value-no-show = Nobody came
word-value-note = Note
word-value-number = Number
word-value-of = Original
word-value-organisation = Organisation
word-value-owed = Still owed
word-value-paper = Paper
word-value-paper-id = Paper
word-value-papers = Papers with it
word-value-person = Person
word-value-place = Place in the inbox
word-value-query = Filter
word-value-reason = Reason
word-value-recipients = Recipients
word-value-refusal = Why it was refused
word-value-replaces = Replaces
word-value-restored-from = Restored from
word-value-restored-root = Root as restored
word-value-revision = Round
word-value-role = Role
word-value-root = Root of the tree
word-value-round = Round
word-value-rows = Rows
word-value-rule = Rule
word-value-rulebook = Version of the rulebook
word-value-sessions-ended = Sign-ins ended
word-value-sha256 = SHA-256
word-value-sign-ins = Sign-ins
word-value-signed-before = Signed before
word-value-signed-root = Signed root
word-value-signed-sha256 = Hash of the signed file
word-value-signer = Signer
word-value-since = Since
word-value-state = State
word-value-step = Step
word-value-symbol = Symbol
word-value-template = Template
word-value-text-docx-sha256 = Hash of the DOCX
word-value-text-pdf-sha256 = Hash of the PDF
word-value-to = To
word-value-type = Type of document
word-value-username = Sign-in name
word-value-valid-from = Valid from
word-value-valid-to = Valid to
word-value-was = Before
word-value-what = What is exported
word-value-window = Window
word-value-year = Year
word-object-list = List of delegations
