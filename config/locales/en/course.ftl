# What a dossier waits for: `waiting-<code>`.
waiting-submit = Complete and submit
waiting-supplement = Supplement the dossier
waiting-report = Report the results
waiting-close = Close the dossier
waiting-override = Answer the request for an override: { $rule }
