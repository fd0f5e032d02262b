# Words for people: what happened to a form, what a dossier waits for, and the like.
page-unsent = The form was not sent: its page was opened before you signed in again. Please look over what stands below and send it once more.
error-typed = What you typed
form-why-stale-version = Somebody saved this after you had opened the page, so nothing was recorded this time. What you typed is all still here: please see what is new, then send it again.
form-why-idempotency-key-reused = This form was sent and recorded once already, as happens after the Back button of the browser; what came now is different and was not recorded. What you typed is all still here: send it again if it is still needed, or open what was recorded if you only want to change that.
word-standing-appraisal = Under appraisal
word-standing-opinion = Waits for an answer on paper
word-standing-approval = Waits for approval
inbox-to-prepare = Prepare for the leader's decision
inbox-lead-prepared = { $n ->
    [one] One dossier waits for a leader's decision. You put it in order and add notes; the leader decides.
   *[other] { $n } dossiers wait for a leader's decision. You put them in order and add notes; the leader decides.
 }
due-after-arrival = after the visit begins ({ $date }): must be done before that day
dossier-permit-void = Void since { $date }
duties-done-late = Done after it was due
duties-late-from-start = The due day had passed when this came to be owed ({ $date })
together-nobody-spoke = No opinion has been given in this round yet.
decide-due = This step is due:
form-of-a-day = dd/mm/yyyy
form-of-a-moment = dd/mm/yyyy hh:mm
label-rows = Each dossier
field-none-chosen = Choose a decision for at least one dossier
cited-default-unfound = A default of this system, for which no document was found; the city confirms it
cited-default = A default of this system; the city confirms it
cited-reference = (for reference
charts-no-rate = nothing to count yet
