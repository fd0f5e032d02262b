# Words for codes: `word-<family>-<code>`.

word-state-draft = Draft
word-state-submitted = Submitted
word-state-received = Under consideration
word-state-approved = Approved in the system
word-state-issued = Permit issued
word-state-reported = Result reported
word-state-closed = Closed
word-state-returned = Returned for a supplement
word-state-lapsed = Lapsed
word-state-rejected = Rejected
word-state-cancelled = Cancelled
word-state-revoked = Revoked

word-outcome-no-show = Did not come
word-outcome-duplicate = Duplicate of another dossier

word-direction-inbound = Inbound
word-direction-outbound = Outbound

word-origin-system = Filed here
word-origin-ledger = From an old ledger
word-origin-after-the-fact = Registered after the visit

word-channel-party = Party
word-channel-state = State
word-channel-people = People-to-people

word-guest-base-abroad = From abroad
word-guest-base-resident-vn = Resident in Vietnam

word-rank-special = Special
word-rank-a = Rank A
word-rank-b = Rank B
word-rank-c = Rank C
word-rank-other = Other guests

word-guest-kind-government = Government
word-guest-kind-party = Political party
word-guest-kind-ngo = Foreign NGO
word-guest-kind-intergovernmental = Intergovernmental body
word-guest-kind-business = Business
word-guest-kind-academic = Academic
word-guest-kind-friendship = Friendship association
word-guest-kind-press = Press
word-guest-kind-other = Other

word-head-level-city-head = Head at city level
word-head-level-city-deputy = Deputy at city level
word-head-level-unit = Department or commune level

word-leadership-head = Head
word-leadership-deputy = Deputy
word-leadership-neither = Neither

word-plan-status-in-plan = In the plan
word-plan-status-off-plan = Outside the plan
word-plan-status-replaces = Replaces an item

word-field-friendship = Friendship
word-field-politics = Politics
word-field-economy = Economy
word-field-education = Education
word-field-health = Health
word-field-culture = Culture
word-field-environment = Environment
word-field-agriculture = Agriculture
word-field-science = Science
word-field-humanitarian = Humanitarian
word-field-youth = Youth
word-field-press = Press
word-field-other = Other

word-member-role-head = Head
word-member-role-member = Member
word-member-role-interpreter = Interpreter
word-member-role-press = Reporter
word-member-role-companion = Companion

word-visa-not-needed = Not needed
word-visa-needed = Needed
word-visa-held = Held

word-passport-type-ordinary = Ordinary
word-passport-type-official = Official
word-passport-type-diplomatic = Diplomatic

word-sex-male = Male
word-sex-female = Female
word-sex-unspecified = Unspecified

word-attendance-unknown = Not known yet
word-attendance-came = Came
word-attendance-absent = Absent
word-attendance-added = Added on arrival

word-payer-host = The host
word-payer-state = State budget
word-payer-unit = The unit
word-payer-personal = Personal
word-payer-enterprise = Enterprise

word-managed-by-thanh-uy = City Party Committee
word-managed-by-pc = People's Committee
word-managed-by-unit = The unit

word-zone-normal = Normal
word-zone-sea-border = Sea border area
word-zone-border = Border area
word-zone-restricted = Restricted area

word-signing-form-tm = TM. (on behalf of)
word-signing-form-kt = KT. (in place of the head)
word-signing-form-tl = TL. (by order)
word-signing-form-tuq = TUQ. (by mandate)
word-signing-form-q = Q. (acting)

word-role-officer = Officer
word-role-clerk = Clerk
word-role-secretary = Secretary
word-role-appraiser = Appraiser
word-role-approver = Approver
word-role-auditor = Auditor
word-role-admin = Administrator

word-command-save = Edit
word-command-amend = Amend
word-command-submit = Submit
word-command-recall = Recall
word-command-receive = Receive
word-command-advance = Decide
word-command-record-opinion = Record an answer on paper
word-command-issue = Issue the paper
word-command-report = Report the visit
word-command-close = Close
word-command-cancel = Cancel
word-command-revoke = Revoke
word-command-duplicate = Mark as duplicate

word-verdict-approve = Approve
word-verdict-approve-with-conditions = Approve with conditions
word-verdict-return = Return
word-verdict-reject = Reject
word-verdict-forward = Forward with an opinion

word-step-state-waiting = Not yet
word-step-state-open = Open
word-step-state-done = Done
word-step-state-dropped = No longer needed



word-waits-for-submit = Complete and submit
word-waits-for-receive = Receive
word-waits-for-decide = Decide
word-waits-for-record-opinion = Record an answer
word-waits-for-issue = Issue the paper
word-waits-for-supplement = Supplement
word-waits-for-report = Report the visit
word-waits-for-close = Close
word-waits-for-override = Answer a request to pass a rule

word-alert-no-permit = Arrives soon without a permit
word-alert-permit-expires = The permit ends before the delegation leaves
word-alert-obligation-overdue = A duty is overdue

word-organisation-kind-city = City People's Committee
word-organisation-kind-city-office = Its office
word-organisation-kind-foreign-affairs = Department of Foreign Affairs
word-organisation-kind-union = Union of Friendship Organisations
word-organisation-kind-association = Member association
word-organisation-kind-university = University
word-organisation-kind-department = Department

word-account-state-invited = Not begun yet
word-account-state-active = Active
word-account-state-disabled = Locked

word-role-means-officer = registers, edits and files delegations, reports on them; keeps guests, partners and the plan
word-role-means-clerk = receives, registers and issues papers; does not decide
word-role-means-secretary = sees and prepares a leader's inbox; does not decide
word-role-means-appraiser = appraises what was received and recommends
word-role-means-approver = approves; gives written mandates
word-role-means-auditor = reads every dossier and the journal, except passport numbers; changes nothing
word-role-means-admin = keeps accounts, organisations and mails; neither reads dossiers nor decides

word-lang-vi = Tiếng Việt
word-lang-en = English

word-browser-firefox = Firefox
word-browser-edge = Edge
word-browser-opera = Opera
word-browser-coc-coc = Cốc Cốc
word-browser-chrome = Chrome
word-browser-safari = Safari
word-browser-other = Another program

word-platform-windows = Windows
word-platform-android = Android
word-platform-ios = iOS
word-platform-macos = macOS
word-platform-linux = Linux
word-platform-other = another system

word-mail-state-queued = Waits
word-mail-state-claimed = On its way
word-mail-state-unknown = May have arrived
word-mail-state-sent = Sent
word-mail-state-dead = Given up
word-mail-state-held = Held

word-notice-submitted-for-receipt = A dossier waits to be received
word-notice-received-for-step = A dossier waits for a decision
word-notice-approved-officer = A dossier was approved
word-notice-approved-to-issue = A paper waits to be issued
word-notice-issued-officer = The permit is issued
word-notice-issued-appraiser = The permit is issued (to the appraiser)
word-notice-issued-cohost = The permit is issued (to a co-host)
word-notice-returned = A dossier was returned
word-notice-rejected = A dossier was refused
word-notice-revoked = A permit was revoked
word-notice-invitation = Activation of an account
word-notice-lapsed = A dossier has lapsed
word-notice-cancelled = A dossier was cancelled
word-notice-recalled = A dossier was taken back
word-notice-override-asked = Asked for an override
word-notice-override-answered = Answer about an override
word-notice-digest = What is due today
word-notice-return-prepared = A return waits to be checked and closed
word-notice-return-closed = A return was closed

word-severity-block = Must
word-severity-warn = Warning
word-severity-info = To know

word-rule-status-law = National text
word-rule-status-local = Text of elsewhere, as an example
word-rule-status-default = Default, to be confirmed by the city

word-confidence-f1 = The text itself was read
word-confidence-f2 = From a secondary source
word-confidence-m = General knowledge
word-confidence-u = Uncertain
word-confidence-city = Confirmed by the city

word-selected-by-filing = by the day of filing
word-selected-by-event = by the day of the visit or trip

word-day-kind-holiday = Holiday
word-day-kind-makeup-off = Off in lieu
word-day-kind-swap-off = Swapped, off
word-day-kind-swap-work = Swapped, worked
word-day-kind-closure = Closed
word-day-kind-uncertain = May be swapped

word-weekday-0 = Monday
word-weekday-1 = Tuesday
word-weekday-2 = Wednesday
word-weekday-3 = Thursday
word-weekday-4 = Friday
word-weekday-5 = Saturday
word-weekday-6 = Sunday

word-plan-state-planned = Planned
word-plan-state-dropped = Dropped

word-event-organisation-renamed = Organisation renamed

word-event-delegation-registered = Registered
word-event-delegation-saved = Saved
word-event-delegation-copied = Copied
word-event-delegation-submitted = Submitted
word-event-delegation-recalled = Recalled
word-event-delegation-received = Received
word-event-delegation-step-decided = Decided at a step
word-event-delegation-opinion-recorded = Answer on paper recorded
word-event-delegation-approved = Approved
word-event-delegation-returned = Returned
word-event-delegation-rejected = Rejected
word-event-delegation-issued = Paper issued
word-event-delegation-reported = Visit reported
word-event-delegation-closed = Closed
word-event-delegation-cancelled = Cancelled
word-event-delegation-revoked = Permit revoked
word-event-delegation-lapsed = Lapsed
word-event-delegation-amendment-opened = Amendment opened
word-event-delegation-marked-duplicate = Marked as duplicate
word-event-delegation-obligations-planned = Duties planned
word-event-delegation-obligation-done = Duty done
word-event-delegation-reader-named = Reader named
word-event-delegation-override-asked = Asked for an override
word-event-delegation-override-answered = Request to pass a rule answered
word-event-paper-added = Paper added
word-event-paper-deleted = Paper deleted
word-event-paper-downloaded = Paper downloaded
word-event-paper-handled-offline = Paper handled offline
word-event-paper-quarantined = Paper quarantined
word-event-paper-refused = Paper refused
word-event-paper-rendered = Paper rendered
word-event-person-registered = Person registered
word-event-person-corrected = Person corrected
word-event-person-completed = Person completed
word-event-person-document-added = Passport added
word-event-delegation-member-added = Member added
word-event-delegation-member-changed = Member changed
word-event-delegation-member-removed = Member removed

word-file-kind-request-letter = Request letter
word-file-kind-invitation = Invitation
word-file-kind-guest-list = Guest list
word-file-kind-programme = Programme
word-file-kind-passport-scan = Passport scan
word-file-kind-permit = Signed permit
word-file-kind-result-report = Result report
word-file-kind-signed-decision = Signed decision
word-file-kind-opinion = Opinion
word-file-kind-mandate-letter = Mandate letter
word-file-kind-sea-border-form = Sea border form
word-file-kind-protocol-plan = Protocol plan
word-file-kind-visa-request = Visa request
word-file-kind-draft-agreement = Draft agreement
word-file-kind-cost-estimate = Cost estimate
word-file-kind-party-decision = Party decision
word-file-kind-press-form = Press form
word-file-kind-ngo-certificate = NGO certificate
word-file-kind-intro-letter = Introduction letter
word-file-kind-other = Other paper

word-paper-state-stored = Stored here
word-paper-state-offline = Handled offline
word-paper-state-deleted = Deleted
word-paper-state-quarantined = Quarantined

word-obligation-state-open = Open
word-obligation-state-done = Done
word-obligation-state-dropped = No longer owed

word-rule-verdict-violated = Not kept
word-rule-verdict-unknown = Not known yet
word-rule-verdict-met = Kept
word-rule-verdict-noted = Noted
word-rule-verdict-no-rule-in-force = No rule in force

word-addressee-requester = Whoever filed it
word-addressee-appraiser = The appraiser

word-answer-agrees = Agrees
word-answer-agrees-with-conditions = Agrees with conditions
word-answer-objects = Objects
word-answer-no-answer = No answer
word-event-calendar-closed = A personal calendar closed
word-event-calendar-opened = A personal calendar opened
word-event-delegation-loaded = One dossier taken over from an old ledger
word-event-delegations-exported = The list of delegations exported
word-event-inbox-prepared = The leader's inbox put in order
word-event-ledger-loaded = A whole old ledger loaded
