# Every text that a person reads in the wizard. Ids begin with the page or the part that they belong to.
# Sentences end with a full stop, labels and fragments do not; literals stand in `backticks`.

## Frame
step-of = { $step }/{ $steps }
more-down = more: Down
more-page-down = more: PgDn
help-from = Help: { $support }.
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
key-quit = Quit
key-language = Language
key-network = Network
key-help = Help
key-log = Log
key-close = Close
key-why = Why
key-report = Report
key-pick = Pick

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
pasted-replaced = the pasted code has replaced what was typed
pasted-found = the code was found in the pasted text
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
checks-some-left = Checks: { $passed } passed, { $left } can only be made during the setup
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
code-several = { $count } different install codes could be meant

## Administrator
administrator-title = Administrator
administrator-who = Who will administer the appliance?
administrator-first-account = This becomes the first account. Its owner signs in with the e-mail address, so it must be one that is read.
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

## Progress
progress-title = Progress
progress-starting = Starting.
progress-stopping = Stopping. What must not be cut in two is finished first.
progress-stopped = The setup was stopped. Nothing is lost.
progress-go-on = Enter goes on from there.
progress-failed = The setup could not be finished.
progress-try-again = Enter tries again with the same answers.
progress-edit-answer = E changes the answer “{ $answer }”.
progress-edit-answers = E goes to the answers.
progress-leave = Leaving now ends with exit code { $code }: { $remedy }.
progress-changed = changed: { $summary }
progress-unchanged = unchanged: { $summary }
progress-row-stopped = stopped
progress-not-run = not run, because { $reason }
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
help-next-field = to the next field
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
