# Every text that a person reads in the wizard, and what errors and exit codes mean. Ids begin with the page or the
# part that they belong to. Sentences end with a full stop, labels and fragments do not; literals stand in `backticks`.
# The texts of errors and exit codes have no values in them, and stand on one line each.

## Frame
step-of = { $step }/{ $steps }
more-down = more: Down
more-page-down = more: PgDn
help-from = Help: { $support }.
# What a vendor does not say of itself: to complete “the code is in …”, and as the subject of “… helps”.
brand-code-source = the e-mail titled "Your install code"
brand-support = the vendor's support
answer-left-out = { $answer } of the answers file was left out: { $reason }
recording-lost = The recording ends here ({ $reason }). The setup goes on.

## What the keys do
key-begin = Begin
key-next = Next
key-start = Start
key-try-again = Try again
key-edit = Edit
key-leave = Leave
key-stop = Stop
key-stay = Stay
key-go-on = Go on
key-back = Back
key-change = Change
key-next-field = Next field
key-show = Show
key-check-again = Check again
key-language = Language
key-network = Network
key-help = Help
key-log = Log
key-close = Close
key-why = Why
key-report = Report
key-pick = Pick

## Names of keys; those that are not here have the same name in every language
keyname-ctrl = Ctrl
keyname-shift = Shift
keyname-backspace = Backspace
keyname-del = Del
keyname-home = Home
keyname-end = End
keyname-up = Up
keyname-down = Down
keyname-left = Left
keyname-right = Right
keyname-page-up = Page Up
keyname-page-down = Page Down

## Fields
label-code = Install code
label-first-name = First name
label-last-name = Last name
label-email = E-mail address
label-company = Company (optional)
label-password = Password
label-again = Password again
label-hostname = Host name
label-answer = Your answer
field-full = there is no room for more than { $most } characters: delete one first
field-long = { $have ->
        [one] the text has { $have } character
       *[other] the text has { $have } characters
    }, and there is room for { $room }
field-control = there is a line break or control character at position { $position }
field-unseen = there is an invisible character or unusual blank (`{ $character }`) at position { $position }
field-no-digit = `{ $character }` is no digit; only 0-9 can be typed here
field-nothing-pasted = { $reason }; nothing was pasted
line-empty = { $label } is empty
line-long = { $label } has { $have } characters; at most { $most } are allowed
line-unseen = { $label } has an invisible or control character ({ $character }) at position { $position }
answer-refused = this answer was refused: { $id }
pasted-replaced = the pasted code has replaced what was typed
pasted-found = the code was found in the text
pasted-cleaned = invisible characters in the pasted text were left out
pasted-line-break = the line break at the end of the pasted text was left out
pasted-outer-space = the pasted text begins or ends with a space, which counts

## Checks, in the line above the keys
checks-starting = Checks: starting
checks-so-far = Checks: { $passed } passed so far{ $failed ->
        [0] { "" }
       *[other] , { $failed } failed
    }
checks-passed = Checks: { $passed } of { $total } passed{ $failed ->
        [0] { "" }
       *[other] , { $failed } failed
    }
checks-all-passed = { $passed ->
        [one] Checks: { $passed } passed
       *[other] Checks: all { $passed } passed
    }
checks-some-left = Checks: { $passed } passed, { $left } not made; the review says why
checks-not-made = Checks: not made ({ $id })
checks-again-key = ; again in { $pause } (F5: now)
checks-again = ; again in { $pause }
checks-again-now = ; checking again

## Questions before leaving
leave-title = Leave the setup?
leave-nothing-changed = This run has changed nothing and sent nothing. What you typed is forgotten.
leave-unfinished-title = Leave the setup before it is finished?
leave-nothing-lost = Nothing is lost: the next run goes on from there.
stop-title = Stop the setup?
stop-too-late = The setup has ended meanwhile: there is nothing left to stop.
stop-nothing-lost = Nothing is lost: what must not be cut in two is finished first, and the next run goes on from there.
state-no-step = No step has finished.
state-finished = Finished so far: { $steps }.
state-code-used = The install code has been used, and what came for it is kept.
state-code-not-sent = The install code was not sent.
state-code-refused = The license service has refused the install code that was sent.
state-code-perhaps-sent = The install code may have been sent; the next run finds out, and needs no other code.

## Welcome
welcome-title = Welcome
welcome-what = This sets up { $brand } on this machine.
welcome-language = Language: < { $language } > (Left and Right change it)
welcome-language-plain = Language: { $language }
welcome-need = You need:
welcome-need-code = the install code; it is in { $source }
welcome-need-administrator = the name and the e-mail address of the administrator
welcome-need-password = a password for the administrator, which you choose now
welcome-nothing-yet = Nothing is changed before you confirm on the review page. The install code is the last thing to be sent, after everything that can fail has been tried.
welcome-checks = Meanwhile this machine is checked; the line below says how far that is.
welcome-checks-plain = Meanwhile this machine is checked; what is found is told here.

## Keyboard
keyboard-title = Keyboard
keyboard-why = Which keyboard is this? What you type later, the password above all, is read with this layout.
keyboard-layout = Layout
keyboard-as-found = empty: the layout that is in use now
keyboard-loading = loading `{ $layout }`
keyboard-loaded = `{ $layout }` is in use: try it below
keyboard-failed = { $reason }
keyboard-unknown = no layout of this machine is called `{ $layout }`
keyboard-trial = Try it here
keyboard-trial-what = what you type here is not kept
keyboard-how = Type a name such as us, uk, de or fr, or pick one with Up and Down; Enter uses it.
keyboard-how-plain = Type a name such as us, uk, de or fr; an empty line goes on.

## Network
network-title = Network
network-why = A check failed because of the network. This is how this machine sees it:
network-seen = This is how this machine sees its network:
network-host-name = Host name
network-interfaces = Interfaces
network-no-address = connected, no address
network-not-connected = not connected
network-none = none
network-gateway = Gateway
network-name-servers = Name servers
network-license-service = License service
network-change = Nothing can be changed on this page. Change the network with this machine's own tools (nmtui, netplan) or at its DHCP server; then press F5 to check again.

## Install code
code-title = Install code
code-how = Type or paste the install code; the line of the e-mail that has it will do. Capitals, spaces and dashes do not matter.
code-typed = { $have } of { $want } characters
code-complete = looks complete; it will be checked when you confirm
code-where = Your install code is in { $source }.
code-looks = It looks like { $shape }, and its characters are { $allowed }.
code-once = It says whose appliance this becomes, and it works once. It is sent only after you confirm on the review page, and only when every check has passed.
code-none = No code, or one that is refused? Ask { $support }.
code-empty = the install code is empty
code-character = `{ $character }` at position { $position } is not used in install codes; allowed are { $allowed }
code-short = the install code is incomplete: { $have } of { $want } characters
code-long = the install code is too long: { $have } characters instead of { $want }
code-nowhere = there is no install code in the text
code-line-refused = { $reason }: press Backspace, then type the code alone
code-several = { $count } different install codes could be meant

## Administrator
administrator-title = Administrator
administrator-who = Who will administer the appliance?
administrator-first-account = This becomes the first account. Its owner signs in with the e-mail address, so it must be one that is read.
email-empty = The e-mail address is empty
email-form = This is not an e-mail address of the form `name@example.com`
administrator-company = Company: the name you registered under. Leave it empty to use the one that the license service has for your code.

## Password
password-title = Password
password-differs = The two passwords differ: type both again
password-must-have = The password must have { $rules }
rule-min-length = at least { $least } characters
rule-max-length = at most { $most } characters
rule-no-control = no control characters
rule-not-uniform = at least two different characters
password-choose = Choose the administrator's password.
password-same-twice = typed the same twice
password-hidden = F2 or Ctrl-R shows what you typed.
password-hidden-plain = What you type is not shown.
password-shown = The password is shown: F2 or Ctrl-R hides it.
password-keep = Spaces count. It is not shown again after this page, so keep it where you keep passwords.
strength-is = strength { $score } of { $most } [{ $bar }] { $name }
strength-0 = very weak
strength-1 = weak
strength-2 = fair
strength-3 = good
strength-4 = strong
weak-key-row = Straight rows of keys are easily guessed.
weak-key-pattern = Short patterns of keys are easily guessed.
weak-repeat = Repetitions such as `aaa` are easily guessed.
weak-repeats = Repetitions such as `abcabcabc` are hardly harder to guess than `abc`.
weak-top-10 = This is one of the ten most common passwords.
weak-top-100 = This is one of the hundred most common passwords.
weak-common = This is a very common password.
weak-similar = This is much like a common password.
weak-sequence = Sequences such as `abc` or `6543` are easily guessed.
weak-year = Recent years are easily guessed.
weak-word = A single word is easily guessed.
weak-date = Dates are often easily guessed.
weak-name = A single name is easily guessed.
weak-names = Common names are easily guessed.
better-words = Use a few words, but no common phrase.
better-no-symbols = Symbols, digits and capitals are not needed.
better-more-words = Add a word or two; uncommon ones are better.
better-than-a-capital = A capital at the beginning hardly helps.
better-than-capitals = Capitals throughout hardly help.
better-than-reversed = Reversed words are hardly harder to guess.
better-than-substitutes = Substitutes such as `@` for `a` hardly help.
better-key-pattern = Use a longer pattern of keys with more turns.
better-no-repeats = Avoid repeated words and characters.
better-no-sequences = Avoid sequences.
better-no-years = Avoid recent years.
better-no-own-years = Avoid years that have to do with you.
better-no-own-dates = Avoid dates and years that have to do with you.
caps-on = Caps Lock is on.
caps-perhaps = Every letter is a capital: Caps Lock may be on.
keyboard-moved = These characters lie elsewhere on other keyboards: { $characters }
keyboard-moved-hidden = The password has characters that lie elsewhere on other keyboards (such as y, z and punctuation).
keyboard-lacking = A login console may lack these characters: { $characters }
keyboard-lacking-hidden = It has characters that a login console may lack (letters beyond a to z).

## Address
address-title = Address
address-how = Under which name will the appliance be reached?
address-url = Its address will be { $url }
address-dns = The name must lead to this machine: add it to your name service (DNS) now or later.
hostname-empty = The host name is empty: type a name such as `appliance.example.com`
hostname-address = This is an address; a name such as `appliance.example.com` is needed
hostname-malformed = This is not a host name such as `appliance.example.com`: letters, digits and inner hyphens, separated by dots, without `https://`

## The vendor's own questions
answer-optional = You can go on without an answer.
answer-range = a whole number from { $least } to { $most }
answer-pattern = in the form `{ $form }`
answer-secret = F2 or Ctrl-R shows what you typed. It is not shown again after this page.
answer-secret-plain = What you type is not shown, now or later.
answer-itself = The answer
answer-empty = An answer is needed
answer-choose = Choose one of these with Up and Down
answer-short = { $have ->
        [one] The answer has { $have } character
       *[other] The answer has { $have } characters
    }; at least { $least } are needed
answer-long = The answer has { $have } characters; at most { $most } are allowed
answer-form = The answer does not have the form `{ $form }`
answer-number = The answer must be a whole number from { $least } to { $most }
choice-none = no answer
choice-yes = Yes
choice-no = No

## Review
review-title = Review
review-irreversible = Enter starts the setup. This uses up the install code.
review-missing = Some answers are missing or wrong. Enter goes to the first of them.
review-not-in-order = Not everything is in order yet. You can start all the same: the checks are made again first, and the code is not sent unless they pass.
review-company = Company
review-company-default = as the license service has it
review-set = set
review-will-be-done = What will be done:
review-checks = Checks:

## Steps
step-rehearse = Check everything first
step-redeem = Redeem the install code
step-secrets = Write the Secrets
step-bootstrap = Run the bootstrap
step-ready = Wait for the appliance

## What each step will do, on the review
will-rehearse = Check this machine, the license service and Kubernetes; nothing is changed.
will-redeem = Send the install code to { $service }. This uses up the install code.
will-secrets = Write the Secrets `{ $tenant }` and `{ $license }` in namespace `{ $namespace }`.
will-administrator = The first administrator is { $name } <{ $email }>.
will-key = `{ $key }` in `{ $secret }` is the answer to { $question }: { $answer }.
will-key-hidden = `{ $key }` in `{ $secret }` is the answer to { $question }, which is not shown.
will-key-none = `{ $key }` is left out of `{ $secret }`: { $question } has no answer.
will-install = Install the chart `{ $chart }` as release `{ $release }` and watch it to its end.
will-value = The Helm value `{ $path }` is { $answer }.
will-wait = Wait until { $name } answers.

## Progress
progress-title = Progress
progress-starting = Starting.
progress-stopping = Stopping. What must not be cut in two is finished first.
progress-stopped = The setup was stopped. Nothing is lost.
progress-go-on = Enter tries again, and goes on from there.
progress-failed = The setup could not be finished.
progress-try-again = Enter tries again with the same answers.
progress-profile = A corrected profile is read when the wizard is opened again.
progress-edit-answer = E changes the answer “{ $answer }”.
progress-edit-answers = E goes to the answers.
progress-leave = Leaving now ends with exit code { $code }: { $remedy }.
progress-changed = changed: { $summary }
progress-unchanged = unchanged: { $summary }
progress-row-stopped = stopped
progress-not-run = not run, because { $reason }
progress-not-run-failed = not run, because `{ $step }` failed
progress-not-run-stopped = not run, because the run was stopped
progress-attempt = attempt { $attempt } in { $pause }
progress-attempt-now = attempt { $attempt } now
progress-checks-passed = { $passed } of { $total } checks passed
failure-cause = because: { $cause }
failure-hint = hint: { $hint }

## Help
help-title = Help
help-type = type into the field
help-left = one character to the left
help-right = one character to the right
help-word-left = one word to the left
help-word-right = one word to the right
help-home = to the beginning of the field
help-end = to the end of the field
help-backspace = delete the character before the cursor
help-delete = delete the character under the cursor
help-kill-word = delete the word before the cursor
help-kill-before = delete everything before the cursor
help-kill-after = delete everything from the cursor on
help-next = on to the next field or page
help-back = back; no answer is lost
help-next-field = to the next field, then to the keys at the bottom
help-previous-field = to the field before
help-reveal = show or hide what was typed
help-check-again = make the checks again
help-change = to the page “{ $page }”, and back from there
help-start = carry the setup out; after a failure, once more with the same answers
help-correct = correct the answer that the failure is about, and come back
help-leave = leave, after a question
help-stop = stop the setup, after a question
help-yes = yes
help-no = no
help-finish = leave
help-scroll = scroll
help-top = to the beginning
help-bottom = to the end
help-language = the next language
help-pick = the next entry of the list, or the one before
help-next-choice = choose the next key in the line at the bottom; Enter then presses it
help-previous-choice = choose the key before in the line at the bottom
help-help = this help
help-log = everything that was done, line by line
help-close = close
help-causes = show or hide what led to the failure
help-report = save a report for support
help-redraw = draw the screen again

## Log
log-title = Log
log-place = lines { $first }-{ $last } of { $lines }
log-dropped = { $lines ->
        [one] { $lines } older line was dropped
       *[other] { $lines } older lines were dropped
    }

## Report for support
report-saved = A report for support is in `{ $path }`.
report-not-saved = The report could not be saved: { $why }

## Done
done-title = Done
done-what = { $brand } is set up.
done-address = It is at { $address }
done-code = The square holds the same address, for the camera of a phone.
done-authority = The appliance's certificate is signed by “{ $authority }”.
done-authority-of = The certificate of { $address } is signed by “{ $authority }”.
done-compare = Browsers do not know this authority and will warn. Before you trust it, compare its SHA-256 fingerprint in the browser with this one:
done-next = What to do next:
done-sign-in = Sign in as { $email } with the password you chose.
done-sign-in-as-before = An earlier run has set the appliance up: sign in with the e-mail address and the password that were chosen then.
done-answers-at = { $name } answers at { $address }
done-code-used = The install code is used up: the message with it can be deleted.

## Line by line (--plain)
plain-help = Help
plain-commands = A line with only one of these is a command, not an answer.
plain-clear = Empty the answer
plain-keep = Enter keeps it
plain-choose = Type the number of one of these, 1 to { $most }
plain-unknown = This cannot be typed here. What can be typed:
plain-waiting = still waiting: { $what }

## `firstlight explain`
explain-exit = exit { $code }: { $remedy }
explain-id = { $id } (exit { $code })
explain-means = means: { $meaning }
explain-to-do = to do: { $remedy }
explain-unknown = `{ $what }` is neither an error id nor an exit code
explain-nearest = did you mean `{ $id }`? The README lists every exit code

## Errors by their ids: what each means, and what to do
error-usage-meaning = The command line could not be understood.
error-usage-remedy = Run `firstlight --help` and correct the command.
error-answers-unreadable-meaning = The answers file, or a file it names, could not be read.
error-answers-unreadable-remedy = Check the path and that the user running firstlight may read it.
error-answers-exposed-meaning = A file that holds a secret can be read by other users.
error-answers-exposed-remedy = Run `chmod 600 FILE` (and `chown` it to the user running firstlight), or move the password to a file of its own with `password-file`.
error-answers-invalid-meaning = One or more answers are missing or wrong; each is listed with its line and column.
error-answers-invalid-remedy = Correct the listed answers. `firstlight answers check FILE` repeats the check without side effects.
error-profile-unreadable-meaning = The profile could not be read.
error-profile-unreadable-remedy = Check the path given with `--profile` and its permissions.
error-profile-invalid-meaning = One or more settings of the profile are missing or wrong; each is listed with its line and column.
error-profile-invalid-remedy = Correct the listed settings. `firstlight profile check FILE` repeats the check.
error-profile-file-meaning = A file that the profile names (a CA, a key) is missing or is not what it should be.
error-profile-file-remedy = Put the file where the profile says, or correct the profile.
error-chart-unreadable-meaning = The bootstrap chart named by the profile cannot be read.
error-chart-unreadable-remedy = Check `bootstrap.chart` in the profile: it names a chart folder or a packaged chart (`.tgz`).
error-other-service-meaning = An earlier run redeemed this install code with another license service than the one the profile names. It was not sent to the one in the profile, and the grant is kept in the journal.
error-other-service-remedy = Correct `license.url` in the profile to go on with the grant that is kept, or enter a code of the service that the profile names.
error-chart-refused-meaning = Helm tried the bootstrap without effects, and refused the chart or its values.
error-chart-refused-remedy = Correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again.
error-code-unknown-meaning = The license service does not know this install code: it was mistyped, or it was revoked when a newer one was issued.
error-code-unknown-remedy = Compare the code with the e-mail it came in, and correct it. If a newer e-mail exists, use the code in that one.
error-code-expired-meaning = The install code was correct once, but its time is over.
error-code-expired-remedy = Ask the vendor to reissue the install code for this tenant, then run again with the new one.
error-code-used-meaning = The install code has already been used, by this appliance or by another.
error-code-used-remedy = Ask the vendor to reissue the install code for this tenant; quote the appliance id shown with the error.
error-license-unavailable-meaning = The license service cannot answer now: it is down, overloaded, or did not answer in time.
error-license-unavailable-remedy = Run again later: the code is kept, and sending it again is safe.
error-license-answer-meaning = Something answered in the license service's place, or the service's answer is not one this version understands.
error-license-answer-remedy = Look for a captive portal or proxy between this machine and the service. If there is none, tell the vendor; sending the code again later is safe.
error-name-resolution-meaning = The license service's host name does not resolve.
error-name-resolution-remedy = Correct the DNS servers of this machine, or ask the network's administrator; then run again.
error-tls-untrusted-meaning = The certificate presented for the license service was issued by an authority this machine does not trust, as TLS-inspecting proxies do.
error-tls-untrusted-remedy = Ask the network's administrator to exempt the license service from inspection, or add the named authority to the system's trust store or to `license.ca-file`.
error-tls-failed-meaning = The TLS connection to the license service could not be made.
error-tls-failed-remedy = Check for proxies or firewalls that interfere with TLS between this machine and the license service.
error-kubernetes-unreachable-meaning = The Kubernetes API server did not answer within the time the profile allows.
error-kubernetes-unreachable-remedy = Check that Kubernetes runs on this machine (for k3s: `systemctl status k3s`) and that the kubeconfig names its address.
error-kubeconfig-invalid-meaning = The kubeconfig cannot be read or used.
error-kubeconfig-invalid-remedy = Correct the path with `--kubeconfig` or in the profile, or let Kubernetes write the file again.
error-kubernetes-forbidden-meaning = The kubeconfig's user lacks permissions that the setup needs; each is listed.
error-kubernetes-forbidden-remedy = Use the cluster's administrator kubeconfig, or grant the listed permissions.
error-kubernetes-refused-meaning = The API server refused a request: admission, quota, or invalid credentials.
error-kubernetes-refused-remedy = Read the reason it gave; correct the policy or the kubeconfig's credentials, and run again.
error-namespace-terminating-meaning = The namespace is being deleted, so nothing can be created in it.
error-namespace-terminating-remedy = Wait until `kubectl get namespace` no longer lists it (or clear what holds it up), then run again.
error-field-conflict-meaning = Another program manages or has changed what firstlight has to write; it is named where it is known.
error-field-conflict-remedy = Stop that program from managing the object, or let it give the named fields up, and run again. Do not delete a Secret that holds a tenant.
error-not-persisted-meaning = An object read back from the cluster differs from what was written.
error-not-persisted-remedy = Look for an admission webhook or controller that changes Secrets in the namespace. The grant is kept in the journal; run again when it is fixed.
error-other-tenant-meaning = The cluster already belongs to another tenant than the one the code was issued for. Nothing was overwritten, and the grant is kept in the journal.
error-other-tenant-remedy = Use a code issued for the tenant that the cluster belongs to, or reinstall the cluster if it is to change hands; the kept grant is used then, without a new code.
error-helm-missing-meaning = The bootstrap needs the `helm` command, and it was not found or is too old.
error-helm-missing-remedy = Install `helm` into the PATH of firstlight, or point `bootstrap.helm` in the profile at it.
error-bootstrap-failed-meaning = The bootstrap failed; the sentence names what was seen in the cluster.
error-bootstrap-failed-remedy = Follow the hint given with the error, then run again: what is already in place is kept.
error-bootstrap-timeout-meaning = The bootstrap did not finish in the time that the profile allows; it may still be running.
error-bootstrap-timeout-remedy = Run again to go on waiting, or follow the hint given with the error.
error-not-ready-meaning = The bootstrap finished, but the appliance did not become ready in time.
error-not-ready-remedy = Run again to go on waiting; the message names what did not answer.
error-disk-low-meaning = There is too little free disk space.
error-disk-low-remedy = Free the amount named, or attach a larger disk, and run again.
error-memory-low-meaning = There is too little free memory.
error-memory-low-remedy = Give the machine the amount named and run again.
error-state-unwritable-meaning = The state directory cannot be written, and without it a power cut could lose the code.
error-state-unwritable-remedy = Free disk space or correct the permissions of the directory named, and run again. A code that was not sent stays good.
error-journal-unreadable-meaning = The journal of an earlier run exists but cannot be read.
error-journal-unreadable-remedy = Keep the file: it may hold the only copy of a grant. Send it to the vendor's support, or update firstlight.
error-already-running-meaning = Another firstlight is working on this machine.
error-already-running-remedy = Wait for it to end, or go to the console where it runs.
error-clock-wrong-meaning = This machine's clock is wrong, so certificates and tokens would be misjudged.
error-clock-wrong-remedy = Set the clock (`timedatectl set-time`, or fix NTP) and run again.
error-defect-meaning = Something happened that the program's authors believed impossible.
error-defect-remedy = Send the error's message to the vendor's support, and the report if one was saved. Nothing is lost: running again is safe.
error-stopped-meaning = The run was stopped by the operator or by a signal.
error-stopped-remedy = Run again when it suits: nothing is lost, and what is in place is kept.

## Exit codes: what each asks for
exit-0 = done
exit-2 = correct the command line
exit-10 = correct the answers
exit-11 = correct the profile
exit-20 = correct the code (unknown)
exit-21 = ask for a new code (expired)
exit-22 = ask for a new code (used)
exit-23 = retry later (license service down)
exit-24 = fix the network (DNS, proxy, TLS interception)
exit-30 = Kubernetes cannot be reached
exit-31 = Kubernetes refused (permissions, admission)
exit-32 = this cluster belongs to another tenant
exit-40 = the bootstrap failed: see the cause
exit-41 = the bootstrap did not become ready in time
exit-50 = this machine: disk, permissions, memory
exit-51 = this machine: the clock is wrong
exit-70 = a defect: send the report
exit-130 = stopped by the operator, nothing lost
