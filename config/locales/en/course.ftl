# What a dossier waits for: `waiting-<code>`.
waiting-submit = Complete and submit
waiting-supplement = Supplement the dossier
waiting-report = Report the results
waiting-close = Close the dossier
waiting-override = Answer the request for an override: { $rule }

# Who may know of a restricted delegation
readers-title = Who may see this delegation
readers-lead = A restricted delegation: only the people below know that it exists. Those who decide on it are added when their turn comes.
readers-named = May see it
readers-add = Add a colleague
readers-name = Let them see it
readers-open = The delegation is not restricted.
label-account-id = Colleague
hint-account-id = This cannot be taken back.
dossier-readers = Who may see it
