# The month, the calendar, the list and old ledgers.
nav-month = This month
nav-calendar = Calendar
nav-ledger = Load an old ledger
word-phase-arriving = Arriving
word-phase-here = In the city
word-phase-leaving = Leaving
word-phase-report-due = Report due
word-due-kind-step = Step due
word-due-kind-obligation = Duty due
word-due-kind-supplement = Supplement due
word-due-kind-return = Return due
month-title = { $month }
month-before = { $month }
month-after = { $month }
month-now = This month
month-alerts = Needs attention
month-no-alerts = Nothing needs attention: whoever arrives soon has a permit, and nothing is overdue.
month-none-arriving = Nobody arrives in this month any more.
month-none-here = No delegation is in the city today.
month-none-leaving = Nobody leaves in this month any more.
month-none-report-due = No result report is due in this month.
month-all = { $n ->
    [one] See the delegation
   *[other] See all { $n } delegations
 }
month-quiet = A quiet month. Delegations that arrive in it stand here as soon as they are registered.
month-calendar = See this month in the calendar
alert-no-permit-soon = { $n ->
    [one] Arrives in 1 working day, no permit
   *[other] Arrives in { $n } working days, no permit
 }
alert-no-permit-today = Arrives today, no permit
alert-no-permit-here = Its day has come, no permit
alert-permit-expires = { $n ->
    [one] The permit ends in 1 working day, before the delegation leaves
   *[other] The permit ends in { $n } working days, before the delegation leaves
 }
alert-permit-expired = The permit has ended, the delegation has not left
alert-overdue-today = Something became overdue today
alert-overdue = { $n ->
    [one] Something is overdue by 1 working day
   *[other] Something is overdue by { $n } working days
 }
calendar-month = Calendar { $month }
calendar-week = Calendar, week { $week } ({ $days })
calendar-month-before = Month before
calendar-month-after = Month after
calendar-week-before = Week before
calendar-week-after = Week after
calendar-today = Today
calendar-by-week = By week
calendar-by-month = By month
calendar-empty = No delegation and no deadline in these days.
calendar-worked = a working day
calendar-more = { $n } more
calendar-due = Due:
calendar-due-legend = Deadline
calendar-too-many = There is more than the calendar can show; the list of delegations has all of it.
calendar-feed = See this calendar on a phone or in a calendar program
calendar-feed-name = Delegations
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
feed-title = My calendar in other programs
feed-lead = Phones and calendar programs can read your calendar at an address of its own. It has official numbers, states, kinds of deadlines and days; no title and no name. Each entry leads to its dossier, which opens after signing in.
feed-off = Your calendar is off. No program can read it.
feed-turn-on = Turn it on
feed-open = Your calendar is on; its present address was made on { $when }.
feed-once = This address is shown once. Copy it now; whoever has it can read the calendar.
feed-address = Address of the calendar
feed-how = In your calendar program, add a calendar by its address (URL) and paste it there. The program keeps it up to date.
feed-renew = Renew the address
feed-close = Turn it off
feed-renew-means = When you renew the address or turn the calendar off, the old address opens nothing any more, at once.
list-by-code = Code, delegation
list-ascending = Sort ascending
list-descending = Sort descending
list-export = Download this list:
list-phase = { $phase } – { $month }
list-sieve = Search and filter
list-saved = { $n ->
    [0] Saved filters
   *[other] Saved filters ({ $n })
 }
list-saved-name = Save this view as
list-saved-keep = Save filter
list-saved-delete = Delete
list-all-answers = See all results
list-answers-none = No delegation has these words.
field-bad-row = A row cannot be read, so none was loaded; mend the marked rows and load again
field-not-utf8 = The file is neither CSV in UTF-8 nor an XLSX workbook; save it in Excel as "CSV UTF-8" or XLSX
field-sums-differ = The people of each country do not sum up to the number of people
ledger-title = Load an old ledger
ledger-lead = Brings the figures of past years into the system, so that cumulative figures and those of last year are not zero. Each row becomes a delegation that is over and was never decided here; numbers of people are taken over, names are not.
ledger-done = { $n ->
    [0] Nothing new: { $known } rows were here already.
   *[other] { $n } delegations were loaded. { $known } rows were here already and were not loaded again.
 }
ledger-preview = Preview
ledger-fresh = rows to be loaded
ledger-known = rows already here
ledger-faulty = rows with faults
ledger-ignored = Columns that are not taken over: { $columns }.
ledger-is-known = Already here
ledger-paste = Paste from a spreadsheet
ledger-columns = The first row holds the headings of the annex: Direction, Delegation, Country/territory, Arrival, Departure, Guests, Permitted, Companions, Lead host, Rank, Field, Channel, Purpose, Request letter, Decision, Notes.
ledger-columns-plain = Without headings the columns are read as: delegation, country, arrival, departure, guests, lead host, field, rank, purpose, notes.
ledger-columns-countries = Of several countries write the number of each: Japan (5); France (3).
ledger-columns-most = At most 500 rows at once; if one row has a fault, none is loaded.
ledger-load = { $n ->
    [one] Load 1 delegation
   *[other] Load { $n } delegations
 }
ledger-upload = Upload a file
ledger-file = CSV or XLSX file
ledger-file-hint = The first sheet, at most 2 MB. The file is read for the preview and not kept.
ledger-owner = Ledger of
ledger-from = First day
ledger-to = Last day
ledger-came = Guests who came
ledger-planned = Guests permitted
ledger-companions = Vietnamese companions
ledger-code = Code in the ledger
ledger-permit = Permit
ledger-note = Notes
