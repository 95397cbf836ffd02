# Every text that a person reads in the wizard, in German (see en.ftl).

## Frame
step-of = { $step }/{ $steps }

## Welcome
welcome-title = Willkommen

## Install code
code-title = Installationscode

## Administrator
administrator-title = Administrator

## Password
password-title = Passwort

## Review
review-title = Übersicht

## Progress
progress-title = Fortschritt

## Done
done-title = Fertig
