# Every text that a person reads; src/words/mod.rs names the exceptions. Ids begin with the page or the
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
key-take-over = Go on here
key-begin = Begin
key-next = Next
key-start = Start
key-correct = Fill in
key-try-again = Try again
key-edit = Edit
key-use-code = Use this code
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
key-proxy = Proxy
key-keep = Keep
key-take-back = Take back
key-help = Help
key-log = Log
key-camera = QR code
key-close = Close
key-why = Why
key-report = Report
key-pick = Pick
key-restart = Restart

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
label-url = Address
label-certificate = Certificate file
label-certificate-key = Key file
label-certificate-password = Its password
label-network-interface = Interface
label-network-vlan = VLAN
label-network-bond = Bond of
label-network-bond-mode = Bond mode
label-network-addresses = Address
label-network-gateways = Gateway
label-network-name-servers = Name server
label-network-search = Search domain
label-network-time-servers = Time server
label-change = Use another install code
label-install-disk = Disk to install on
label-install-erase = What may go of it
label-report = Where the run is told
label-report-token = Token for that
label-clock = Clock
label-proxy = Proxy
label-proxy-exceptions = Without it
label-proxy-ca = Its authority
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

## Sign in
elsewhere-title = On another terminal
elsewhere-unknown = another terminal
elsewhere-leads = This machine is being set up on { $terminal }.
elsewhere-how = Press Enter to go on here instead. What was typed there stays there, and can be seen by nobody meanwhile.
elsewhere-wanted = It is asked to give way. If it does not within a moment, it has just begun to carry the setup out.
elsewhere-busy = The setup is being carried out on { $terminal }.
elsewhere-wait = Watch it there. When it has ended, somebody can go on here.
elsewhere-nobody = Nobody sets this machine up on another terminal any more.
elsewhere-itself = This machine sets itself up: nobody has to type anything.
elsewhere-itself-how = Press Enter to set it up here by hand instead.
elsewhere-itself-wait = When that is done, somebody can log in here. If it fails, what is wrong stands here.
elsewhere-free = Press Enter to go on here.
proxy-title = Proxy
proxy-why = Where no computer of this network reaches the license service by itself, an HTTP proxy is the way out.
proxy-exceptions-forms = names and all below them, addresses and networks, with commas between; this machine and its cluster always are
proxy-ca-forms = where the network opens TLS and signs anew: the SHA-256 fingerprint of the certificate that does so, as the network's administrator tells it, or the path of a file that has it; never the one that is only shown here; none for nobody any more
proxy-ca-form = { $what } is neither a SHA-256 fingerprint (32 pairs of hexadecimal digits) nor a path that begins with “/” nor `none`: “{ $text }”
proxy-ca-trusted = “{ $name }” is trusted on the way out (SHA-256 { $fingerprint })
proxy-ca-nobody = nobody is trusted on the way out whom the system does not trust by itself
proxy-ca-none-shown = what is shown for `{ $host }` comes without the certificate of an authority that signs for it, so also without that of { $wanted }
proxy-ca-not-shown = the fingerprint { $wanted } is of no authority that is shown for `{ $host }`: those are { $shown }
proxy-ca-not-shown-hint = compare it once more with what the network's administrator tells; if it is right, give the path of a file that has the certificate instead; if it is not, somebody else is intercepting the connection
proxy-ca-unreadable = the file of the authority on the way out cannot be read
proxy-ca-none = `{ $path }` has no certificate as PEM, or one that is no authority's (`CA:TRUE`)
proxy-ca-none-hint = ask the network's administrator for the certificate of the authority that signs on the way out, as PEM
proxy-ca-unkept = the authority on the way out cannot be kept for later
proxy-forms = http://proxy.example.com:3128; with a login, http://USER:PASSWORD@…, in which what is no letter or digit is written as % and two hexadecimal digits; none for no proxy any more
proxy-under-way = it is being kept …
proxy-on = The checks are made again; go on to see what they find.
proxy-how = Enter on the last field has it used from now on, and after a restart. An empty first field leaves the way as it is.
proxy-used = the way out leads through the proxy `{ $proxy }`
proxy-unkept = the proxy cannot be kept for later
proxy-unused = the way out leads through no proxy
clock-title = Clock
clock-why = By a clock that is wrong, certificates and tokens are misjudged, and certificates are made that nobody takes.
clock-by = Set it by
clock-names = license-service, ntp, or a date and a time in UTC (2026-11-27 14:05)
clock-under-way = it is being set …
clock-on = The checks are made again; go on to see what they find.
clock-how = Up and Down choose. By the license service's clock it is set once; NTP keeps it from then on.
clock-key = Press T to set the clock here.

sign-in-title = Sign in
sign-in-finished = { $brand } has been set up on this machine.
sign-in-why = To set it up once more, to change it or to look at it here, sign in with the administrator's password as it was chosen at setup. One that was changed in the product since then does not count here.
sign-in-whose = Administrator: { $email }
sign-in-password = Password
sign-in-looking = looking whether this machine has been set up
sign-in-checking = comparing it with what was kept
sign-in-wrong = This is not the password that was chosen at setup.
sign-in-empty = Type the password.
sign-in-wait = The next one can be tried in { $seconds } s; a restart does not shorten that.
sign-in-unchecked = It was not looked at.
sign-in-failed = Nobody can say whether it is right: { $why } ({ $id }).
sign-in-nothing-kept = Nothing is kept on this machine that the administrator's password could be compared with.
sign-in-logged-in = You have logged in to this machine, and that will do.
sign-in-closed = Log in to this machine and start firstlight there; where the system does not say that somebody has, run it as root with `--answers FILE`.
sign-in-otherwise = Without the password: whoever is root on this machine can run `firstlight --answers FILE`, which asks for none.
sign-in-first = this appliance has been set up, and nobody has signed in
sign-in-unknowable = nothing is kept that the administrator's password could be compared with, and nobody has logged in
sign-in-defect = the password could not be compared

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
welcome-remote = From another computer: ssh setup@{ $address }, password { $password }
welcome-remote-address = ADDRESS
welcome-remote-key = The key it asks about: { $fingerprint }
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

## Disk page
disk-title = Disk
disk-name = Name of the disk
disk-why = This system was started from the image, and what is set up in it ends with the machine's power. Put it on a disk of this machine to have it last; or try it out first, and restart to install.
disk-looking = Looking at the disks of this machine.
disk-unlisted = What disks there are cannot be told: { $reason }. { $hint }
disk-none = This machine has no disk.
disk-how = Type the name of a disk to install on it, and press Enter; or press Enter alone to try it out.
disk-unknown = No disk is called `{ $name }`.
disk-unfit = `{ $name }` does not fit: { $why }.
disk-confirm = `{ $name }`: { $becomes }. Type `{ $name }` once more to confirm that, and press Enter; or press Enter alone to go back.
disk-installing = The disk is being written. Leave the machine switched on.
disk-failed = It could not be installed:
disk-installed = It is installed.
disk-installed-then = There is nothing to take out: with the image still in its drive, this machine starts from the disk. The setup goes on there. Press Enter to restart.
disk-restarting = Restarting.
disk-not-restarted = The machine does not restart by itself ({ $reason }): switch it off and on again.
offer-empty = is empty
offer-kept = the data of an appliance on it stay ({ $data }), its system is made anew
offer-begun = an installation was begun on it, and is made anew
offer-foreign = everything on it goes: { $content }
offer-stranded = everything on it goes, and an appliance's data with it, which cannot be kept ({ $data }, beside { $content })

## Network
network-title = Network
network-why = A check failed because of the network. This is how this machine sees it:
network-seen = This is how this machine sees its network:
network-host-name = Host name
network-interfaces = Interfaces
network-no-address = connected, no address
network-not-connected = not connected
network-none = none
network-inner = { $count ->
        [one] and one that containers use, or nobody
       *[other] and { $count } that containers use, or nobody
    }
network-gateway = Gateway
network-name-servers = Name servers
network-license-service = License service
network-change = Change the network with this machine's own tools (nmtui, netplan) or at its DHCP server; then press F5 to check again. P names a proxy.
network-mend = E changes it: what you type is tried first, and stays only if you keep it. P names a proxy.
network-not-here = It cannot be changed here: { $why }.
network-mend-how = How shall this machine have its network? Without an address it asks for one (DHCP).
network-mend-last = Enter on the last field tries it for half a minute. Commas separate several; several interfaces work as one (bond).
network-beginning = The network is about to be tried.
network-tried = This network is being tried: { $seconds } s left.
network-tried-how = Enter keeps it, Esc takes it back. So does the end of its time, also when nobody can press a key any more.
network-ending = One moment.
network-is-kept = This network is kept: it stays, also after a restart.
network-is-taken-back = The network was taken back: this machine has the one of before.
network-is-taken-back-late = Nobody has kept the network in its time: this machine has the one of before.

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
email-empty = the e-mail address is empty
email-form = this is not an e-mail address of the form `name@example.com`
administrator-company = Company: the name you registered under. Leave it empty to use the one that the license service has for your code.
administrator-company-required = Company: the name you registered under.

## Password
password-title = Password
password-differs = The two passwords differ: type both again
password-must-have = the password must have { $rules }
rule-min-length = at least { $least } characters
rule-max-length = at most { $most } characters
rule-no-control = no control characters
rule-not-uniform = at least two different characters
rule-lower = a lower-case letter (a to z)
rule-upper = an upper-case letter (A to Z)
rule-digit = a digit (0 to 9)
rule-symbol = one of { $symbols }
password-choose = Choose the administrator's password.
password-same-twice = typed the same twice
password-hidden = F2 or Ctrl-R shows what you typed.
password-hidden-plain = What you type is not shown.
password-shown = The password is shown: F2 or Ctrl-R hides it.
password-keep = Spaces count. It is not shown again after this page, so keep it where you keep passwords.
strength-is = strength { $score } of { $most } [{ $bar }] { $name }
strength-because = { $strength }. { $sentences }
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
address-how-url = Under which address will the appliance be reached? For example `http://192.168.1.50:3000`, or a name in the place of the numbers.
address-url = Its address will be { $url }
address-dns = The name must lead to this machine: add it to your name service (DNS) now or later.
address-dns-url = A name in it must lead to this machine: add it to your name service (DNS) now or later.
found-interface = This is the address of { $interface }, over which this machine reaches its network.
found-metadata = This is the address that the cloud gives for this machine in its instance metadata.
found-hostname = This is the name of this machine.

## The page for a certificate of one's own
certificate-title = Certificate
certificate-who = The appliance has an authority of its own, which signs its certificate. If your company has one, its browsers trust that one already: then give one that it has signed for this address. Everything here may stay empty.
certificate-what = The file has the certificate and those above it up to the root, as PEM or PKCS #12. The key may be in the same file, or as PEM in one of its own; the password is the one with which they are encrypted, if they are.
certificate-then = It is read by the checks: the review says whose it is, until when it is valid, and its fingerprint.
certificate-ours = the appliance's own authority signs it
certificate-file-first = say where its certificate is first: this belongs to it

## The vendor's own questions
answer-optional = You can go on without an answer.
answer-range = a whole number from { $least } to { $most }
answer-pattern = in the form `{ $form }`
answer-secret = F2 or Ctrl-R shows what you typed. It is not shown again after this page.
answer-secret-plain = What you type is not shown, now or later.
answer-itself = The answer
answer-choose = Choose one of these with Up and Down
choice-none = no answer
choice-yes = Yes
choice-no = No

## Review
review-title = Review
review-irreversible = Enter starts the setup. This uses up the install code.
review-changed = The last try failed ({ $id }); something was changed since.
review-missing = Some answers are missing or wrong. Enter goes to the first of them.
review-not-in-order = Not everything is in order yet. You can start all the same: the checks are made again first, and the code is not sent unless they pass.
review-company = Company
review-company-default = as the license service has it
review-set = set
review-will-be-done = What will be done:
review-checks = Checks:

## Steps
step-answers = Find the answers
step-proxy = Use the proxy
step-clock = Set the clock
step-rehearse = Check everything first
step-network = Give this machine its network
step-identity = Make this appliance's own keys
step-certificate = Show a certificate of your own
step-reconcile = Have what follows from the address follow it
step-restart = Start again what reads the address
step-rotate = Replace a value
step-install-disk = Choose the disk
step-install-partitions = Cut the disk into partitions
step-install-system = Unpack the system
step-install-boot = Have the disk start
step-redeem = Redeem the install code
step-secrets = Write the Secrets
step-bootstrap = Run the bootstrap
step-services = Start the services of this machine
step-ready = Wait for the appliance
step-scrub = Remove what only the bootstrap needed

## What each step will do, on the review
will-rehearse = Check this machine, the license service and Kubernetes; nothing is changed.
will-network = The network of this machine: { $network }. It is tried first, and taken back after { $seconds } s if the machine then reaches less than before.
will-report = What happens is told to { $url }, without anything secret.
will-use-proxy = Have the way to the license service lead through the proxy `{ $proxy }`, and keep that for later.
will-trust-shown = Trust the authority with the SHA-256 fingerprint { $fingerprint } on this machine's way out, and keep that for later.
will-trust-nobody = Trust nobody on this machine's way out whom its system does not trust by itself, and keep that for later.
will-trust-file = Trust the authority in `{ $path }` on this machine's way out, and keep that for later.
will-use-no-proxy = Have the way to the license service lead through no proxy any more, and keep that for later.
will-set-clock = Set this machine's clock by the license service's, if it is wrong.
will-use-ntp = Have this machine's clock kept by NTP.
will-set-clock-to = Set this machine's clock to { $now }.
will-redeem = Send the install code to { $service }. This uses up the install code.
will-redeem-change = This code is used although another one has set this machine up; a code for another tenant is refused.
will-generate = Make `{ $id }` once, if it is not there, and keep it in { $targets }.
will-restart = Start { $names } again, if the address or the certificate changes.
will-own = Show the certificate in `{ $path }`: it goes to { $targets }.
will-renew = Make `{ $id }` for { $targets }, and anew whenever its time or its names have passed.
will-rotate = A new `{ $id }` is made in { $targets }.
will-invalidate = With it no longer good: { $loses }.
will-address = Write the address { $address } to { $targets }.
will-secrets = Write the { $count ->
        [one] Secret
       *[other] Secrets
    } { $names } in namespace `{ $namespace }`.
will-config-maps = Write the { $count ->
        [one] ConfigMap
       *[other] ConfigMaps
    } { $names } in namespace `{ $namespace }`.
will-administrator = The first administrator is { $name } <{ $email }>.
will-plaintext-stays = The password stays in the Secret `{ $secret }` as it is typed: without a bootstrap nothing here knows when it has been read. Whatever reads it has to remove it.
will-scrub = Remove the plaintext password from the Secret `{ $secret }` once the bootstrap has read it.
will-key = `{ $key }` in `{ $secret }` is the answer to { $question }: { $answer }.
will-key-hidden = `{ $key }` in `{ $secret }` is the answer to { $question }, which is not shown.
will-key-none = `{ $key }` is left out of `{ $secret }`: { $question } has no answer.
will-install = Install the chart `{ $chart }` as release `{ $release }` and watch it to its end.
will-value = The Helm value `{ $path }` is { $answer }.
will-start = Start `{ $unit }` on this machine unless it runs, and wait until it is active.
will-wait = Wait until { $name } answers.
will-sign-in = Sign in once as { $email }: { $name }.
will-not-sign-in = { $name } is not tried: the password would leave this machine without TLS.
will-look-for-absence = Look whether { $name } is out of reach, as it must be.
will-not-wait = { $name } is not waited for: that needs the host name of the appliance, which has no answer.

## Progress
progress-title = Progress
progress-starting = Starting.
progress-stopping = Stopping. What must not be cut in two is finished first.
progress-stopped = The setup was stopped. Nothing is lost.
progress-go-on = Enter tries again, and goes on from there.
progress-failed = The setup could not be finished.
progress-try-again = Enter tries again with the same answers.
progress-use-code = U uses it all the same, by way of the review.
progress-profile = A corrected profile is read when the wizard is opened again.
progress-edit-answer = E changes the answer “{ $answer }”.
progress-edit-answers = E goes to the answers.
progress-leave = Leaving now ends with exit code { $code }: { $remedy }.
progress-changed = changed: { $summary }
progress-unchanged = unchanged: { $summary }
progress-row-stopped = stopped
progress-not-run = not run, because { $reason }
stop-waits = asked to stop: waiting for { $what }, { $seconds } s at most
hold-code = the license service's answer about the code
hold-secrets = the Secrets to be written and read back
hold-identity = the appliance's own keys to be written and read back
hold-helm = Helm to end
hold-helm-hook = Helm, which waits for the Job `{ $job }`, to end
not-run-failed = `{ $step }` failed
not-run-stopped = the run was stopped
not-run-begun = the run could not begin
not-run-broken = the setup broke off
broken-off = the setup broke off without saying why
progress-attempt = attempt { $attempt } in { $pause }
progress-attempt-now = attempt { $attempt } now
progress-checks-passed = { $passed } of { $total } checks passed
failure-sentence = { $id }: { $message }
failure-cause = cause: { $cause }
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
help-mend = change the network
help-change = to the page “{ $page }”, and back from there
help-start = carry the setup out; after a failure, once more with the same answers
help-complete = to the first answer that is missing or wrong, and back
help-correct = correct the answer that the failure is about, and come back
help-use-code = use this install code although another one has set this machine up
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
help-camera = the address over the whole screen as a QR code, for the camera of a phone
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
report-not-saved = The report could not be saved: { $why }. { $hint }

## Done
done-title = Done
done-what = { $brand } is set up.
done-address = It is at { $address }
done-code = The square holds the same address, for the camera of a phone.
done-registered = It is registered to { $contact }.
camera-no-room = The QR code of the address does not fit on this screen: it needs { $columns } columns and { $rows } rows.
camera-too-long = The address is too long for a QR code.
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
plain-hidden = What you type here is not shown.
plain-choose = Type the number of one of these, 1 to { $most }
plain-unknown = This cannot be typed here. What can be typed:
plain-waiting = still waiting: { $what }

## Lines of a run without a wizard, of the plain wizard and of the log.
line-waiting = wait
line-passed = ok
line-failed = FAIL
line-skipped = skip
line-authority = { $url } is signed for by “{ $authority }”, SHA-256 { $fingerprint }
line-registered = registered to { $contact }
line-retry = { $why }; attempt { $attempt } in { $pause } s
line-changed = changed: { $summary } ({ $took } s)
line-unchanged = unchanged: { $summary } ({ $took } s)
line-stopped = stopped
line-not-run = not run: { $step }, because { $reason }
line-done = done
line-done-unchanged = done: nothing had to be changed
line-ended-stopped = stopped: nothing is lost; run again when it suits (exit 130)
line-ended = exit { $exit }; `firstlight explain { $id }` says more
because-of = { $message }: { $cause }
and-last = { $before } and { $last }
problem = { $place }{ $field }: { $message }
problem-with-hint = { $place }{ $field }: { $message }
    { "  " }hint: { $hint }

## What cannot be begun
has-problems = { $count ->
        [one] { $what } has one problem
       *[other] { $what } has { $count } problems
    }
the-profile = the profile { $path }
stdin = standard input
stdin-no-answers = standard input cannot be read as an answers file
no-terminal = the wizard needs a terminal, and there is none
no-terminal-hint = run it on a terminal, or give the answers with `--answers FILE`
no-terminal-replay-hint = leave `--open` out, and its screens are printed
no-wizard = `--record` records the wizard, and with `--answers` there is none
no-wizard-hint = leave `--record` out, or open the wizard with `--ask`
no-threads = no threads could be started
no-signals = signals cannot be received
unattended-none = this machine is given no answers: there is nothing to do without somebody who types them
unattended-installed = The image is installed; this machine restarts, and is set up from its disk.
unattended-found = the setup is carried out with the answers from { $name }
unattended-passed-over = { $name } is there as well, and is not looked at: { $first } comes first
unattended-ignored = this machine is set up already: the answers from { $name } are not used
unattended-waits = waiting: { $why }
unattended-taken-over = somebody goes on at a terminal of this machine: the answers that it is given are not used
unattended-begins = the setup is being carried out without a terminal
unattended-step = { $title } (step { $step } of { $steps })
supply-kernel = the kernel's command line
supply-credential = the credential `{ $name }`
supply-volume = `{ $file }` on the volume `{ $label }`
supply-told = `firstlight.answers` on the kernel's command line will not do: { $why }
supply-no-volume = there is no volume with the label `{ $label }`, where the kernel's command line says that the answers are
supply-unmounted = the volume `{ $label }` ({ $device }) cannot be mounted: { $why }
supply-no-file = the volume `{ $label }` has no file `{ $file }`
supply-unreadable = the answers in { $name } cannot be read
supply-user-data = the answers in `user-data` on the volume `{ $label }` cannot be read: { $why }
supply-silent = the answers at { $url } cannot be had
supply-status = { $url } answers with status { $status } instead of the answers
supply-too-long = { $url } answers with more than an answers file can be (64 KiB)
supply-gone = the answers in { $name } are not there any more
scrub-done = the install code and the passwords were taken out of { $name }
scrub-theirs = { $name } still holds the install code and the passwords, and is not this machine's to change: take them away where it is from
scrub-read-only = { $name } cannot be written, and still holds the install code and the passwords: take the medium out, and destroy it or keep it safe
scrub-failed = the install code and the passwords could not be taken out of { $name }: take the medium out, and destroy it or keep it safe
supply-silent-hint = check the network, the address, and the server there; then restart the machine, or type the answers here
supply-other-certificate-hint = compare this fingerprint with that of the server's certificate (`openssl x509 -noout -fingerprint -sha256`): if it is the same, put it on the kernel's command line (`firstlight.answers-certificate`); if not, somebody stands between
answers-at-form = `{ $text }` is neither an https URL, nor `LABEL=VOLUME:/FILE`, nor a file of this machine (`/…`)
answers-at-scheme = answers hold secrets, and are taken over https alone, not over { $scheme }
answers-at-certificate-alone = `firstlight.answers-certificate` is for an https URL in `firstlight.answers`, and there is none
user-data-misread = it is YAML that cannot be read as such, or `firstlight` is no text in it (`firstlight: |`): { $why }
user-data-empty = there is nothing behind `firstlight`
stopped-reading = a signal came before everything was read, and nothing was begun
stopped-stuck = the run did not end when it was asked to, and was left as it was: it held nothing that must not be cut
terminal-unusable = the terminal cannot be used
panicked = firstlight met a state that it was written not to meet
panicked-at = firstlight met a state that it was written not to meet ({ $place })
panic-waits = waiting until what must not be cut in two is finished
recording-nothing-written = this is a recording, and nothing is written for it
recording-log-here = read the log here

## The license service
license-unresolved = the license service's name `{ $host }` does not resolve
proxy-fault = the environment variable `{ $variable }` names no proxy: it { $fault }
proxy-url = { $what } { $fault }
proxy-fault-quoted = begins or ends with a quotation mark, which no URL has: leave the quotation marks out
proxy-fault-character = has “{ $character }” as character { $place }, which no URL has; in a user name or password it is written `{ $escaped }`
proxy-fault-at = has a second “@” as character { $place }; in a user name or password it is written `%40`
proxy-fault-scheme = asks for `{ $scheme }`, and only `http` and `https` can be used
proxy-fault-host = has no host name
proxy-fault-port = has a port that is no number from 1 to 65535
proxy-fault-address = has brackets around something that is no IPv6 address (one with a zone cannot be used)
proxy-unresolved = the name of the proxy `{ $proxy }`, which `{ $variable }` names, does not resolve
proxy-unreachable = the proxy `{ $proxy }`, which `{ $variable }` names, cannot be reached
proxy-credentials = the proxy `{ $proxy }`, which `{ $variable }` names, asks for a user and a password (status 407)
proxy-credentials-hint = write them where the proxy is named (P on the network page, `[proxy]` of the answers, or the variable), as `{ $variable }=http://USER:PASSWORD@HOST:PORT`, and what is no letter or digit as `%` and two digits; or have the license service exempt from the proxy with `NO_PROXY`
proxy-credentials-refused = the proxy `{ $proxy }`, which `{ $variable }` names, refuses the user and password that the variable has (status 407)
proxy-credentials-refused-hint = correct them; what is no letter or digit is written as `%` and two digits (`DOMAIN%5CUSER`); or have the license service exempt from the proxy with `NO_PROXY`
proxy-login = the proxy `{ $proxy }`, which `{ $variable }` names, offers only { $schemes } to log in with, which firstlight cannot do (status 407)
proxy-login-hint = ask the network's administrator to let this machine reach the license service without a login at the proxy, or run a relay on this machine that logs in, such as cntlm or px, and have `{ $variable }` name the relay
proxy-refused = the proxy `{ $proxy }`, which `{ $variable }` names, does not let us through to `{ $target }` (status { $status })
license-unreachable = the license service at `{ $host }` cannot be reached
license-closed = the license service at `{ $host }` closed the connection instead of answering
license-silent = the license service at `{ $host }` did not answer within { $seconds } s
license-untrusted = the certificate presented for `{ $host }` was issued by “{ $issuer }”, which this machine does not trust
license-untrusted-alone-hint = if “{ $issuer }” is your organisation's proxy, ask for the license service to be exempt from inspection, or add that authority to the system's trust store; if it is the authority of the license service, the service may not send its issuer's certificate, and its vendor has to configure the whole chain (`fullchain`); otherwise somebody is intercepting the connection
license-untrusted-shown-hint = if the network's administrator tells you that the connection is inspected, and that the authority “{ $issuer }” has the SHA-256 fingerprint { $fingerprint }, name that as its authority (P on the network page, or `proxy.ca` of the answers), or ask for the license service to be exempt from inspection; otherwise somebody is intercepting the connection
license-untrusted-hint = if “{ $issuer }” is your organisation's proxy, ask for the license service to be exempt from inspection, or add that authority to the system's trust store; otherwise somebody is intercepting the connection
license-clock-early = by this machine's clock, which shows { $now }, the certificate of `{ $host }` is not valid yet
license-clock-late = by this machine's clock, which shows { $now }, the certificate of `{ $host }` has expired
license-no-authorities = this machine trusts no authority at all, so the certificate of `{ $host }` cannot be judged
license-no-authorities-hint = install the package `ca-certificates`, or name the authority of the license service with `license.ca-file` in the profile
license-certificate-authority = the certificate of `{ $host }` is an authority's own, and no server can be known by it
license-certificate-version = the certificate of `{ $host }` is of X.509 version { $version }, and version 3 is needed
license-certificate-nameless = the certificate of `{ $host }` names no host: it has no `subjectAltName`
license-certificate-other = the certificate of `{ $host }` is for { $names }, and not for `{ $wanted }`
license-certificate-self = the certificate of `{ $host }` is self-signed, and nobody else vouches for it
license-certificate-self-hint = if it is the license service's own, name it with `license.ca-file` in the profile; otherwise somebody is intercepting the connection
license-certificate-hint = have the service's authority issue another one, or make one with `{ $command }` and name it with `license.ca-file` in the profile
license-tls = no TLS connection to the license service at `{ $host }`
license-tls-hint = ask the vendor to renew the license service's certificate; if the causes show a time that is not now, set this machine's clock
# What the service said comes with its own space and brackets, or not at all.
license-code-unknown = the license service does not know this install code{ $says }
license-code-expired = the install code has expired{ $says }
license-code-used = the install code has already been used{ $says }
license-code-superseded = a newer install code was issued in place of this one{ $says }
license-refused = the license service does not take what it was sent (status { $status }, `{ $code }`){ $says }
license-refused-uncoded = the license service does not take what it was sent (status { $status }){ $says }
license-other-tenant-hint = the install code is another tenant's, and was not used up: give a code of the tenant that this cluster belongs to
license-no-service = there is no license service at `{ $host }` below the profile's `license.url` (status { $status } for `/register`)
license-blocked = something at `{ $host }` refuses before the license service can answer (status { $status } without an error code)
license-unavailable = the license service cannot answer now (status { $status }){ $says }
license-unavailable-hint = run again in { $seconds } s: the code is kept, and sending it again is safe
license-says = { " " }(it says: { $sentence })
license-redirect = `{ $host }` sends this machine on to `{ $target }` (status { $status }), where the install code is not sent
license-redirect-nowhere = `{ $host }` sends this machine elsewhere (status { $status }), where the install code is not sent
license-redirect-hint = captive portals do so: sign in to the network, or ask its administrator. If the address is the vendor's, the profile's `license.url` has to name it
license-answer-broken = it is not valid JSON
license-answer-no-json = it is no JSON object (a captive portal or proxy?)
license-answer-long = it is longer than 1 MiB
license-answer-cut = it broke off after { $bytes ->
        [one] 1 byte
       *[other] { $bytes } bytes
    }
license-answer-empty = it is empty
license-answer-coding = it is packed as `{ $name }`, which was not asked for
license-answer-damaged = it is packed, and damaged
license-answer-charset = its letters are in `{ $name }`, and not in UTF-8

## Kubernetes
kubernetes-kubeconfig-missing = there is no kubeconfig at `{ $path }`
kubernetes-kubeconfig-unusable = the kubeconfig `{ $path }` cannot be used
kubernetes-plugin = the credential plugin
kubernetes-plugin-stuck = `{ $plugin }`, which the kubeconfig `{ $path }` runs for its credentials, did not end within { $seconds } s
kubernetes-plugin-stuck-hint = run `{ $plugin }` by hand as the user running firstlight: it may ask for something; or use a kubeconfig with a certificate or a token
kubernetes-credentials-unusable = the kubeconfig `{ $path }` names credentials or certificates that cannot be used
kubernetes-key-unusable = the value of `{ $key }` cannot be used
kubernetes-proxy-unsupported = it names a proxy (`proxy-url`), and Kubernetes is reached directly: a way through a proxy is not supported
kubernetes-plugin-hint = run `{ $plugin }` by hand as the user running firstlight, with the same variables in the environment: what it says there may be a secret, and is not told here; or use a kubeconfig with a certificate or a token
kubernetes-plugin-start = `{ $plugin }` cannot be run
kubernetes-plugin-failed = `{ $plugin }` failed: { $status }
kubernetes-plugin-answer = the answer of `{ $plugin }` cannot be used
kubernetes-untold = the reason quotes what was read, and is not shown
kubernetes-plain-http = the kubeconfig `{ $path }` leads to `{ $server }` without TLS: whoever is on the way would read the Secrets
kubernetes-plain-http-hint = let its `server` begin with `https://`; only on this machine itself can it do without
kubernetes-unverified = the kubeconfig `{ $path }` says `insecure-skip-tls-verify`: whoever is on the way could be taken for `{ $server }`
kubernetes-unverified-hint = take `insecure-skip-tls-verify` out of it, and let `certificate-authority-data` name whom to trust
kubernetes-writable = the kubeconfig `{ $path }` says where the Secrets go, and others could change it: { $who }
kubernetes-starting = the Kubernetes API server cannot answer yet (status { $status }: { $reason })
kubernetes-is-starting = it is starting
kubernetes-certificate = the Kubernetes API server's certificate does not fit the kubeconfig `{ $path }`
kubernetes-no-server = what answers at the address in the kubeconfig `{ $path }` is no Kubernetes API server
kubernetes-unauthorized = the Kubernetes API server does not accept the credentials of the kubeconfig `{ $path }`
kubernetes-terminating = the namespace `{ $namespace }` is being deleted
# What was tried ($action) is one of the infinitives below.
kubernetes-unreachable = the Kubernetes API server cannot be reached to { $action }
kubernetes-forbidden = not permitted to { $action }: { $reason }
kubernetes-refused = the Kubernetes API server refused to { $action } (status { $status }): { $reason }
kubernetes-no-version = it takes no version of what is not there yet
kubernetes-conflict = could not { $action }: { $conflicts }
kubernetes-conflicts = { $before }; { $next }
kubernetes-conflict-on = { $manager } on `{ $field }`
kubernetes-changed = could not { $action }: somebody else changed it at the same time
kubernetes-ask-ready = ask for /readyz
kubernetes-ask-version = ask for its version
kubernetes-ask-permissions = ask for permissions
kubernetes-read-namespace = read namespace `{ $name }`
kubernetes-read-claim = read PersistentVolumeClaim `{ $name }`
kubernetes-create-namespace = create namespace `{ $name }`
kubernetes-secret = Secret `{ $name }`
kubernetes-config-map = ConfigMap `{ $name }`
kubernetes-read-object = read { $object }
kubernetes-apply-object = apply { $object }
kubernetes-list-jobs = list the bootstrap's Jobs
kubernetes-watch-jobs = follow the bootstrap's Jobs
kubernetes-restart = start the { $kind } `{ $name }` again
kubernetes-list-pods = list the bootstrap's pods
kubernetes-list-events = list the bootstrap's events
kubernetes-list-records = list Helm's records
kubernetes-record-unread = Helm's record `{ $name }` of the release cannot be understood
kubernetes-record-unread-hint = see `kubectl -n { $namespace } get secret { $name }`; delete it if it is damaged, then run again
kubernetes-delete-job = delete Job `{ $name }`
kubernetes-delete-record = delete Helm's record `{ $name }`

## Helm
helm-missing = the `helm` command was not found in `{ $searched }`
helm-not-run = `helm` could not be run
helm-chart-unreadable = the chart `{ $path }` cannot be read: { $reason }
helm-chart-empty = there is no Chart.yaml in it
helm-chart-no-yaml = its Chart.yaml cannot be used: { $reason }
helm-chart-nameless = its Chart.yaml names no name and version
helm-failed = `helm { $action }` failed: { $said }
helm-said-nothing = it said nothing
helm-failed-hint = correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again: what is already in place is kept
helm-namespace-in-hook = the chart makes its namespace `{ $namespace }` in a hook, and Helm deletes what is there before that
helm-namespace-in-hook-hint = take the annotation `helm.sh/hook` off the chart's Namespace, or leave the Namespace out: it is made when it is missing
helm-too-old-hint = install Helm 3.13 or later, or point `bootstrap.helm` in the profile at it
helm-stuck = `helm { $action }` did not end within { $seconds } s
helm-busy = a `helm` that an earlier run started is still at work after { $seconds } s
helm-busy-hint = wait until it has ended, or end it, then run again
helm-brings-definitions = not tried, because the chart brings resource definitions of its own, which do not exist yet
helm-cannot-try-again = not tried, because this version of Helm cannot try a release that an interrupted run left

## This machine
machine-unreadable = `{ $path }` cannot be read
machine-denied = `{ $path }` cannot be reached: this user may not enter or read `{ $closed }`
machine-denied-hint = run firstlight as root, or let this user enter and read `{ $closed }`
machine-unwritable = `{ $path }` cannot be written
machine-state-owner = it belongs to user { $owner }, and this program runs as user { $user }
machine-state-owner-hint = look at what is in `{ $path }`: if it is yours, run `chown -R { $user } { $path }`, else move it away; then run again
machine-link = `{ $name }` is a link there, and what it leads to may be anybody's
machine-no-group = there is no group `{ $name }` on this machine
machine-open = its mode is { $mode }: everybody could do something with what is written there
machine-several-names = it has other names (hard links), which would keep the old text
machine-tool-hint = Run `{ $tool }` by hand to see what is wrong, and run again when it ends well.
machine-tool = `{ $tool }` failed: { $why }
machine-unclosed = it does not end: a quotation mark in it is not closed
machine-outside = a link leads out of the root directory
machine-no-folder = it is a link or a file, and no folder
machine-link-hint = move what is in the way at `{ $path }` away, then run again
machine-full-hint = free some disk space, or inodes if there is space (`df -h`, `df -i`), then run again; a code that was not sent stays good
machine-no-utf8-hint = save the file as UTF-8, then run again
machine-too-long = it is longer than 1 MiB
machine-no-utf8 = it is not UTF-8, as a file that Windows saved as UTF-16 or in an older character set
machine-no-file = it is a folder, a pipe or a device, and no file
machine-credential = credential { $name }
machine-secret-unfit = `{ $path }` does not hold a secret alone: { $why }
machine-no-credentials = systemd passed no credentials to this process
machine-no-credential-name = that is not the name of a credential
machine-exposed = `{ $path }` holds a secret, but { $who }
machine-exposed-hint = run `{ $command }`, then start again
machine-exposed-for-good-hint = nothing can be changed about that where the file lies: mount that file system with `uid={ $user },umask=077`, or name a copy (`install -m 600 { $path } /run`), then start again
machine-owner = it belongs to user { $owner } instead of user { $user }
machine-mode = its mode { $mode } lets other users at it
machine-locked = another firstlight is at work (`{ $path }` is locked)
machine-file-unusable = `{ $setting }` in the profile names `{ $path }`, which cannot be used
machine-journal-unreadable = the journal `{ $path }` of an earlier run cannot be read
machine-journal-newer = its version { $version } is newer than this program
machine-recording-exists = the recording `{ $path }` exists already, and is not written over
machine-recording-exists-hint = name a file that does not exist yet
machine-recording-unmade = the recording `{ $path }` cannot be made
machine-recording-unmade-hint = name a file in a directory that exists and that you may write
machine-recording-unreadable = the recording `{ $path }` cannot be read
machine-recording-unreadable-hint = check the path, and that you may read the file
machine-keyboard-not-run = `loadkeys` could not be run: { $reason }
machine-keyboard-refused = `loadkeys { $layout }` failed: { $said }
machine-keyboard-stuck = `loadkeys { $layout }` did not end within { $seconds } s
machine-keyboard-unkept = `{ $layout }` is in use, but not after a restart of the machine: { $why }. Empty the field to go on with it.
machine-probe-status = it answers with status { $status }
machine-probe-other-status = it answers with status { $status }, and not with { $wanted }
machine-probe-content-type = it answers with { $found }, and not with { $wanted }
machine-probe-no-content-type = it answers without a content type, and not with { $wanted }
machine-probe-body = “{ $wanted }” does not stand in the first { $most } KiB of its answer
machine-probe-silent = it does not answer
machine-probe-proxy = by way of the proxy `{ $proxy }` the answer is status { $status }
machine-probe-refused = nothing listens there yet
machine-probe-late = it does not answer within { $seconds } s
machine-probe-unresolved = its name does not resolve
machine-probe-untrusted = it answers with a certificate that was issued by “{ $issuer }”, which this machine does not trust
machine-probe-self-signed = it answers with a certificate that is self-signed, which this machine does not trust
machine-probe-other-names = it answers with a certificate that is for { $names }, and not for `{ $wanted }`
machine-probe-nameless = it answers with a certificate that names no host
machine-probe-authority = it answers with a certificate that is an authority's own, by which no server can be known
machine-probe-version = it answers with a certificate of X.509 version { $version }, and version 3 is needed
machine-probe-other-certificate = it answers with another certificate than the one that is trusted, SHA-256 { $fingerprint }
machine-probe-period = it answers with a certificate that is not valid by this machine's clock
machine-probe-no-tls = it answers, but does not speak TLS
machine-probe-alone-hint = the appliance sends its certificate alone: if an intermediate authority issued it, have the appliance send the whole chain (`fullchain`); otherwise have it show a certificate of an authority that this machine trusts, or name its authority with `license.ca-file` in the profile; then run again
machine-probe-certificate-hint = have the appliance show a certificate of an authority that this machine trusts and with this address in it, or name its authority with `license.ca-file` in the profile; then run again
machine-probe-period-hint = check this machine's clock, and have the appliance's certificate renewed; then run again
machine-probe-no-tls-hint = correct the address in `ready` of the profile: it says `https://`
machine-probe-tls = TLS cannot be used
machine-systemd-no-bus = systemd cannot be asked: nothing takes connections at `{ $path }`
machine-systemd-none = the system's bus is there, but no systemd on it
machine-systemd-denied = systemd does not let this user start units
machine-systemd-denied-hint = run firstlight as root
machine-systemd-late = systemd does not answer within { $seconds } s
machine-systemd-silent = systemd does not answer as it should
machine-systemd-refused = systemd does not start `{ $unit }`
networkd-no-bus = who runs the network of this machine cannot be asked
networkd-unmanaged = something else than systemd-networkd has given `{ $interface }` its addresses, and networkd could not give them back
networkd-none = the network of this machine is not run by systemd-networkd: it does not run
networkd-other = the network of this machine is run by { $other }, and not by systemd-networkd
networkd-other-hint = leave `[network]` out of the answers and change the network with { $other }, then run again
networkd-refused = systemd-networkd does not read what it was given
networkd-too-late = the network that was tried has been taken back already: its time was over
network-interface-missing = there is no interface `{ $wanted }`; there are { $there }
network-interface-none = this machine has no interface to give a network to
network-interface-none-hint = look whether the network card is there and its driver is loaded, or name the interface in `network.interface`; then run again
network-interface-several = none is named, and there are several interfaces: { $there }
network-kept = { $network }, as before
network-changed = { $network }; it stays
network-trying = { $network } is being tried
clock-hold = the clock that is being set
network-hold = the network that is being tried
network-only-interface = the only interface
network-said-automatic = { $interface } asks for its address
network-said-fixed = { $interface } has { $addresses }
network-said-fixed-gateway = { $interface } has { $addresses }, by way of { $gateways }
network-would-write = would be tried, and then written to { $files }
network-would-remove = { $files } would go.
network-taken-back-link = the network was taken back: `{ $interface }` is not connected with it
network-taken-back-address = the network was taken back: `{ $interface }` did not come by its address
network-taken-back-gateway = the network was taken back: from `{ $interface }` no gateway leads on
network-taken-back-answer = the network was taken back: the gateway at `{ $interface }` is silent
network-taken-back-license = the network was taken back: the license service at { $host } answered before, and not with it ({ $why })
network-taken-back-license-late = the network was taken back: the license service at { $host } answered before, and not in time with it

## What steps find, do and fail of
### Trying everything first
rehearse-begin = checking this machine, the license service and Kubernetes
rehearse-passed = all { $passed } checks passed; nothing was changed
rehearse-not-tried = not tried, because { $because }
rehearse-because-no-name = the name does not resolve
rehearse-because-no-license = the license service did not answer
rehearse-because-not-signed-in = nobody has signed in
rehearse-because-no-kubernetes = Kubernetes did not answer
rehearse-because-no-namespace = the namespace does not exist yet; done before the code is sent
rehearse-because-bad-namespace = the namespace cannot be used
rehearse-because-no-permissions = permissions are missing
rehearse-because-no-chart = the chart or Helm is missing
rehearse-disk = { $free } MiB free
rehearse-disk-low = only { $free } MiB are free for `{ $path }`; { $wanted } MiB are needed
rehearse-disk-volatile = `{ $path }` lies in memory (`{ $kind }` at `{ $place }`), and what is kept there is gone when the power is
rehearse-disk-unknown = the free space for `{ $path }` cannot be read
rehearse-memory = { $free } MiB available
rehearse-memory-unknown = not known on this kernel
rehearse-memory-low = only { $free } MiB of memory are available; { $wanted } MiB are needed
rehearse-resolved = { $host } is { $address }
rehearse-resolved-proxy = the proxy `{ $proxy }` is { $address }
rehearse-license-answers-proxy = { $host } answers over TLS, through the proxy `{ $proxy }`
rehearse-license-answers = { $host } answers over TLS
rehearse-license-not-needed = not needed, because the code will not be sent ({ $why })
rehearse-services = known to systemd: { $units }
rehearse-reached = reached: { $names }
rehearse-unreachable = the bootstrap needs `{ $url }`, which cannot be used: { $why }
rehearse-unreachable-named = the bootstrap needs { $name } (`{ $url }`), which cannot be used: { $why }
rehearse-unreachable-proxy-hint = correct the variable that names the proxy, or ask the network's administrator to let the proxy reach `{ $host }`; `NO_PROXY` exempts hosts from it
rehearse-unreachable-name-hint = correct the DNS servers of this machine, or ask the network's administrator for `{ $host }` to be resolved; then run again
rehearse-unreachable-certificate-hint = ask the network's administrator to exempt `{ $host }` from TLS inspection, or add the authority to the system's trust store or to `license.ca-file`; then run again
rehearse-unreachable-period-hint = check this machine's clock; if it is right, ask the vendor to have the certificate renewed
rehearse-unreachable-answer-hint = look for a captive portal, a filter or a proxy that answers in the place of `{ $host }`; if there is none, tell the vendor, whose profile says what it has to answer (`reach`)
rehearse-clock = within { $seconds } s of the license service's
rehearse-clock-untold = the license service does not tell its time
rehearse-clock-behind = this machine's clock is { $off } behind the license service's
rehearse-clock-ahead = this machine's clock is { $off } ahead of the license service's
rehearse-seconds = { $seconds } s
rehearse-minutes = { $minutes } min
rehearse-hours = { $hours } h
rehearse-days = { $days } days
rehearse-before-build = this machine's clock shows { $now }, which is before this program was built ({ $built })
clock-set = this machine's clock showed { $before }, and was set to { $now }
clock-by-ntp = this machine's clock is kept by NTP, and shows { $now }
clock-is-by-ntp = NTP has set this machine's clock
rehearse-clock-by-ntp-hint = NTP has set this machine's clock, so that the license service's seems to be wrong: look which server that is (`timedatectl timesync-status`), or ask the vendor
rehearse-clock-no-server-hint = NTP is on and reaches no server: open the network to one, or set the clock by the license service's (`set = "license-service"` under `[clock]` of the answers, or `timedatectl`), then run again
clock-untold = `{ $host }` does not tell a time that can be believed
clock-no-service = who sets this machine's clock (`org.freedesktop.timedate1`) cannot be spoken to
clock-refused = this machine's clock was not set
clock-no-service-hint = set the clock in the firmware or on the hypervisor, or log in and use `date --set`, then run again
clock-no-ntp = nothing on this machine speaks NTP
clock-no-ntp-hint = set the clock by the license service's, or by hand
clock-unsynchronized = NTP is on, and has not set this machine's clock within { $seconds } s
clock-unsynchronized-hint = check the network, and that a server of NTP is reached (`timedatectl timesync-status`); or set the clock by the license service's, or by hand
set-clock-form = it is none of { $names }
set-clock-time-form = it is no date with a time, such as 2026-11-27 14:05
rehearse-kubernetes = version { $version } answers
# In the line above the keys all from “ (” on is left out.
rehearse-kubernetes-starting = starting, { $seconds } s
rehearse-kubeconfig-awaited = waiting for a kubeconfig that can be used, { $seconds } s
in-a-row = { $first } { $next }
with-details = { $what } ({ $details })
rehearse-not-started = Kubernetes did not start within { $seconds } s
rehearse-permissions = all { $needed } that are needed
rehearse-denied = the kubeconfig's user may not { $denied }
rehearse-denied-in = { $denied } in namespace `{ $namespace }`
rehearse-namespace = `{ $namespace }` exists
rehearse-namespace-missing = `{ $namespace }` can be created
rehearse-secrets = { $count ->
        [0] nothing has to be written
        [one] it would be accepted
        [2] both would be accepted
       *[other] all { $count } would be accepted
    }
rehearse-needs-answers = done with your answers, before the code is sent
rehearse-bootstrap-not-needed = not needed, because the bootstrap has already run
rehearse-helm = `helm { $action }` passes
rehearse-helm-no-namespace = `helm { $action }` passes, with a namespace that does not exist yet
rehearse-helm-interrupted = `helm { $action }` passes; the record that an interrupted run left ({ $status }) is removed later

### Redeeming the code
redeem-sending = sending the code to { $service }
redeem-accepted = the code was accepted: { $tenant }, { $edition } edition
redeem-unsigned = the license service granted the free edition without a signed token (`first_jwt`), and the profile takes no grant without one (`license.signed-grants`)
redeem-unsigned-hint = the answer is kept in the journal, and nothing was set up: tell the vendor; either somebody on the way answered in the service's place, or the service does not sign what it grants
redeem-belongs = this appliance already belongs to { $tenant }; the code was not sent
redeem-other-code = this appliance was set up with another install code, and belongs to { $tenant }; the code was not sent
redeem-other-grant = another install code has brought a grant for { $tenant }, which waits on this machine; the code was not sent
redeem-kept = the grant of an earlier run is used, for { $tenant }; the code was not sent again
redeem-unwritten = the answer cannot be kept on this machine ({ $why }): the code is spent, and the grant goes straight into Kubernetes
redeem-ask-again = { $why }; asking the license service for it again
redeem-grant-elsewhere = the grant of `{ $theirs }` in the journal is not used: the profile names `{ $ours }`
redeem-sent-elsewhere = an earlier run sent a code to `{ $theirs }` and saw no answer; the profile names `{ $ours }`
redeem-used-by-us = { $refusal }; this machine sent it to `{ $service }` as { $appliance } on { $at } and did not see the answer
redeem-used-here = { $refusal }; this machine redeemed it with `{ $service }` as { $appliance } on { $at }, and a cluster had what it brought
redeem-used-unread = { $refusal }; this machine sent it to `{ $service }` as { $appliance } on { $at }, and what came is kept in the journal: { $why }
redeem-used-unfit = { $refusal }; this machine redeemed it with `{ $service }` as { $appliance } on { $at }, and the grant is kept in the journal, but cannot be used: { $why }
redeem-used-by-us-hint = the code may have been spent by this machine before it was interrupted: ask the vendor to reissue a code for the same tenant, and quote { $appliance }
redeem-used-unread-hint = update firstlight and run again: what came may well be read then; or ask the vendor to reissue a code for the same tenant, and quote { $appliance }
redeem-answered-hint = the code has very probably been used up by this machine. Once what refuses it now is mended, run again; if it counts as used then, ask the vendor to reissue a code for the same tenant, and quote { $appliance }
redeem-used-lost-hint = no version of firstlight can make a grant of that: ask the vendor to reissue a code for the same tenant, and quote { $appliance }
redeem-used-unfit-hint = if the profile demands what the vendor does not (`token-key-file`, `token-audience`, `signed-grants`), correct it and run again: the grant is used then. Otherwise ask the vendor to reissue a code for the same tenant, and quote { $appliance }
redeem-used-elsewhere = { $refusal }; this appliance is { $appliance }
redeem-used-elsewhere-hint = ask the vendor to reissue a code for this tenant, and quote { $appliance }
redeem-other-service = this install code was redeemed with `{ $theirs }`, but the profile names `{ $ours }`; it was not sent, and the grant was not used
redeem-other-service-hint = set `license.url` to `{ $theirs }` in the profile to go on with the grant, which is kept in the journal; or enter a code of `{ $ours }`
redeem-unreadable = what `{ $host }` sent as the license service's answer cannot be read: { $why }
redeem-unreadable-hint = if this was the license service, it has used the code up. What came is kept in the journal, and a later version of firstlight may read it: update firstlight and run again, or tell the vendor's support this message
redeem-lost-hint = if this was the license service, it has used the code up. Look for a captive portal or proxy between this machine and the service, and run again: the same answer is asked for with the same key. If the code counts as used then, ask the vendor to reissue a code for the same tenant
redeem-broken-hint = the license service has very probably used the code up. What came is kept in the journal: run again, and the same answer is asked for with the same key
redeem-token-hint = the code is spent, and the grant is kept in the journal: compare `token-key-file` and `token-audience` of the profile with what the vendor says of its tokens, or send the vendor's support this message; the next run goes on from here
redeem-answer-hint = the code is spent, and the answer is kept in the journal: update firstlight, or send the vendor's support this message; the next run goes on from here

### Writing the Secrets
secrets-all = { $count ->
        [2] both Secrets
       *[other] all { $count } Secrets
    }
secrets-all-objects = all { $count } Secrets and ConfigMaps
identity-differ = the copies of `{ $id }` are not the same: { $copies }
identity-copy = `{ $target }` ({ $digest })
identity-differ-hint = put the copy that data was written with into the other places, or take those away; or, as it may be replaced, make a new one everywhere with `firstlight rotate { $id }`
identity-rotated = replaced { $names }; what reads it has to be started again
rotation-unknown = the profile has no value `{ $id }`
rotation-unknown-hint = it has { $known }
rotation-none-hint = it has none at all; is another one meant (`--profile FILE`)?
rotation-never = `{ $id }` is not replaced: `{ $never }` is never to be (`rotate = "never"`), because data could be read with no other one
rotation-never-hint = Restore it from a backup where it is lost. If the vendor says that it may be replaced, the profile has to say so: `rotate = "manual"`.
rotation-renewed = `{ $id }` is not replaced when somebody asks for it
rotation-renewed-hint = It is made anew by itself in its time, by every setup and by `firstlight reconcile`; to have it made anew before, remove it, and run one of them.
rotation-absent = `{ $id }` is nowhere yet
rotation-absent-hint = A setup makes it, if no data needs the one that was there.
rotation-unconfirmed = `{ $id }` was not replaced yet
rotation-unconfirmed-hint = Say it once more with `--yes` if that is what you want.
identity-malformed = what is in { $targets } is no `{ $id }` of the form `{ $format }`
identity-malformed-hint = put the right value into { $targets }, as text and without a line's end behind it (`kubectl create secret --from-file` takes that over from a file). Take it away from all of them only if no data was written with it: then a new one is made
identity-lost = `{ $id }` is nowhere to be found, and data that was written with it is there: { $data }
identity-lost-hint = restore it from a backup to { $targets }: a new one could not read that data. If the data is worth nothing, remove it, and run again
identity-not-persisted = `{ $id }` was written, and is not there as it was written
identity-not-persisted-hint = look for an admission webhook, a controller or another program that changes it, and run again when that is mended
identity-file-changed = another program has written `{ $path }` at the same time
identity-random = the system gives no random bytes
identity-writing = writing `{ $path }`
identity-made = made { $names }, once for this appliance
identity-restored = missing copies are written again; { $count ->
    [one] the value is
   *[other] all { $count } values are
} kept
identity-in-place = { $count ->
    [one] the value is
   *[other] all { $count } values are
} in place
rehearse-identity = { $found } in place, { $missing } to be made
rehearse-address = the address is in place
rehearse-found = The appliance will be reached under { $address }.
rehearse-address-written = the address is to be written to { $places ->
    [one] { $places } place
   *[other] { $places } places
}
identity-address = the address `{ $address }` is in place
identity-address-written = the address `{ $address }` is written to { $targets }
identity-address-unknown = no address is known
identity-both = { $first }; { $second }
identity-signed = signed { $names }
reconcile-nothing = nothing follows from the address
reconcile-not-set-up = this machine is not set up yet
reconcile-unknown = Where this machine is reached is not known now; the last address stays.
reconcile-address = it is reached under `{ $address }`
reconcile-lost = Where it is reached is not recorded; another setup records it. Certificates keep their names.
reconcile-missing = Not there, and made by another setup: { $names }.
reconcile-due = what reads the address has to be started again
reconcile-in-place = everything is as it should be
reconcile-would = to be written: { $targets }
restart-none = nothing has to be started again
restart-none-runs = what would have to be started again does not run
restart-restarting = starting `{ $name }` again
restart-restarted = started { $names } again

## The image on a disk
install-unconfirmed = nothing was installed yet
install-unconfirmed-hint = With `--dry-run` it is said which disk it would be, and what would become of what is on it; with `--yes` it is done.
install-disk-hint = `lsblk` lists the disks of this machine.
install-no-image = this system was not started from an appliance's image
install-not-chosen = the step that this one rests on has not run
# Disks and partitions. Sizes have their units with them.
install-disk = `{ $name }` ({ $size })
install-disk-known = `{ $name }` ({ $size }, { $model })
install-part = `{ $name }` ({ $size }, { $kind })
install-part-named = `{ $name }` ({ $size }, { $kind } "{ $label }")
install-part-labelled = `{ $name }` ({ $size }, "{ $label }")
install-part-unknown = `{ $name }` ({ $size }, unknown)
install-content-named = { $kind } "{ $label }"
install-content-table = a table of partitions ({ $kind }) without any
install-content-unclear = something that cannot be told
# Why a disk does not fit; behind the disk.
install-medium = this system was started from it
install-mounted = it is in use: { $place }
install-held = it is a part of something that is in use ({ $by })
install-read-only = nothing can be written on it
install-small = it holds less than { $least }
install-removable = it can be unplugged, and so has to be named
install-one-unfit = { $disk }: { $why }
install-no-disk = it has none
install-none = no disk of this machine fits ({ $least } are needed): { $why }
install-several = several disks fit: { $disks }
install-unknown = `{ $path }` is no disk of this machine
install-unknown-hint = This machine has { $disks }.
install-unfit = { $disk } does not fit: { $why }
install-again = an appliance is installed on { $disk } already
install-again-hint = Have the machine start from that disk, without the image; or, to install there again, say so in the wizard or with `firstlight install`.
install-occupied = something else is on { $disk }: { $content }
install-stranded = an appliance's data on { $disk } could not be kept: { $data } is damaged, or not alone there ({ $content })
install-stranded-hint = Save them, or install on another disk. What is on the disk goes, and the data with it, with `--erase everything`.
# What becomes of what is on the chosen disk.
install-way-empty = { $disk } is empty
install-way-erase = { $disk }: everything on it goes ({ $content })
install-way-keep = { $disk }: the data of an appliance on it are kept ({ $data }), the system is made anew
# What was done.
install-hold = what has to be whole on the disk
install-partitioned = made the partitions of { $disk }
install-partitioned-kept = made the partitions of { $disk }, and kept the data ({ $data })
install-unpacking = unpacking: { $done } %
install-syncing = waiting until everything is on the disk
install-unpacked = unpacked the image `{ $image }`; on the partition with the data are { $kept }
install-started = { $disk } starts by itself now, whether the firmware is a BIOS or UEFI
# What failed.
install-tool-missing = this system lacks the program `{ $program }` (searched in `{ $searched }`)
install-tool-not-run = `{ $program }` could not be run
install-tool-failed = `{ $program }` failed: { $said }
install-unlisted = the list of this machine's disks (`lsblk`) was not understood
install-not-made = `{ $disk }` has no partition `{ $label }`, although it was made
install-not-mounted = what is on `{ $disk }` cannot be mounted
install-not-synced = it cannot be seen to that everything is on `{ $disk }`
disk-wanted = { $what } is neither `only` nor the path of a device, such as `/dev/sda` or one in `/dev/disk/by-id`
disk-erase = { $what } is neither `foreign` nor `everything`
identity-own = the certificate of your own is in place: { $own }
identity-own-placed = the certificate of your own is written: { $own }
rehearse-certificate = the certificate of your own will do: { $own }
identity-making = making { $names }
identity-making-slow = making { $names }; a key of RSA-4096 may take some seconds
identity-faulty = `{ $id }` in { $targets } will not do: { $fault }
identity-expired-hint = What it has signed is not taken any more. If its time has passed on a clock that is right, remove its key and its certificate from those places, and run again: everybody who trusts it has to trust the new one.
identity-unsignable = the authority that is there cannot sign `{ $id }` so that others take it
identity-unsignable-hint = Look at its certificate with `openssl x509 -text`: its key usage has to include `keyCertSign` and `cRLSign`, its name may have each attribute once, and its key has to be RSA, P-256 or P-384.
identity-pair-hint = Look which of them the others trust. Put its key and its certificate back from a backup; or, if nobody trusts it yet, remove both, and run again: then new ones are made.
identity-not-yet-valid-hint = Set this machine's clock, if that is what is wrong.
identity-no-trust-store = this machine has no store of trusted authorities that firstlight knows
identity-no-trust-store-hint = Install the distribution's tool for it (`ca-certificates`), or leave `trust` out of the profile's `pki.root.certificate`.
pki-issue = the cryptographic library could not make or sign it
pki-no-crl-signer = its authority may not sign lists of what is revoked (key usage `cRLSign`)
pki-other-key = it is for another key than the one that is there
pki-other-issuer = another authority has signed it than the one that is there
pki-expired = it expired at { $at }
pki-not-yet-valid = it is valid from { $at } on, and the clock shows an earlier time

## A certificate of somebody's own; each completes "`FILE` will not do: …"
own-form = it is neither PEM nor DER nor PKCS #12
own-pem = a block of PEM in it cannot be read: it is cut off or was changed
own-signed-data = it is PKCS #7, which firstlight does not read; `openssl pkcs7 -print_certs` makes PEM of it
own-archive = it is PKCS #12, and cannot be read: it is cut off, or no program writes it so any more
own-no-password = it is encrypted, and no password is given
own-other-password = it is encrypted with another password
own-encryption = it is encrypted in a way that firstlight does not read; `openssl pkcs12 -in FILE -out chain.pem -nodes` or, of a key, `openssl pkey -in FILE -out key.pem` takes that off
own-no-certificate = there is no certificate in it
own-certificate = what stands in the place of a certificate in it is none
own-no-key-in-file = there is no private key in it
own-several-keys = there are several private keys in it, and nobody knows which one is meant
own-key = the private key in it is broken, or of a kind that firstlight does not read: that has to be RSA with 2048 bits or more, P-256 or P-384
own-other-key = the certificate is for another key than the one that is given with it
own-not-for-key-here = no key is given with it, and it is for another key than the appliance's
own-no-key = no key is given with it, and the appliance has none yet
own-short-key = the key of { $whose } has { $bits } bits, and nobody takes one of RSA with less than 2048
own-kind-of-key = the key of { $whose } is of a kind that browsers do not take: that has to be RSA, P-256 or P-384
own-form-of-key = what reads its key takes the form `{ $form }`, which keys of another kind have
own-authority = it is the certificate of an authority, and not of a server
own-not-of-server = it is not for a server: the extended key usage `serverAuth` is missing
own-nameless = it is not for { $lacks }: it has no names in the subject alternative name, and others do not look at the common name
own-names = it is not for { $lacks }: its names are { $has }
own-expired = the time of { $whose } is over since { $at }
own-not-yet-valid = { $whose } is valid from { $at } on, and the clock shows an earlier time
own-weak-digest = { $whose } was signed with { $digest }, for which signatures can be forged
own-no-issuer = the certificate of `{ $issuer }`, who has signed { $whose }, is missing
own-itself = the certificate
own-above = the certificate of `{ $name }` above it
own-key-hint = Have a new key and a certificate for it made: RSA with 2048 bits or more, P-256 or P-384.
own-other-key-hint = Give the key that the certificate was asked for with: in the same file, or as PEM in a file of its own.
own-not-for-key-here-hint = Give its key along; or have the appliance's own key signed: `firstlight certificate request` prints what an authority needs for that.
own-form-of-key-hint = Take a key of the kind that the profile makes itself (`pki.leaf.algorithm`), or ask the vendor for another `key-form`.
own-server-hint = Ask the authority for a certificate of a TLS server (`serverAuth`, no authority), and give that.
own-names-hint = Ask the authority for a certificate with these names as subject alternative names, or change the address.
own-expired-hint = Ask the authority for a new one. If its time is not over, set this machine's clock.
own-not-yet-valid-hint = Set this machine's clock, if that is what is wrong; or wait until that time.
own-weak-digest-hint = Ask the authority for one that is signed with SHA-256 or better.
own-no-issuer-hint = Put the certificate of `{ $issuer }` into the file as well, and those above it up to the root; a root that this machine trusts may be left out.
own-told = { $subject }, signed by { $issuer }, valid until { $until }, SHA-256 { $fingerprint }
own-ends-soon = { $told }; it ends in less than 30 days: ask the authority for the next one
own-unfit = the certificate in `{ $path }` will not do: { $why }
own-unreadable = `{ $path }` will not do: { $why }
own-file-hint = Give the certificate with all those above it, and its key: as PEM, or as PKCS #12 with its password.
own-password-hint = Give the password that the file was exported with.
own-no-leaf = the profile has no `[pki.leaf]`: this appliance shows no certificate of its own
own-no-leaf-hint = Ask the vendor where its certificate is changed.
own-not-set-up = this appliance has no key for a certificate yet
own-not-set-up-hint = Set it up first; a certificate of your own can be given with the answers (`[certificate]`).
shown-leaf = The appliance shows this certificate:
shown-root = Its own authority:
shown-subject = Subject: { $subject }
shown-issuer = Signed by: { $issuer }
shown-names = Names: { $names }
shown-period = Valid: { $from } to { $until }
shown-fingerprint = SHA-256: { $fingerprint }
secrets-writing = writing { $object }
secrets-unmarked = that this setup is done cannot be noted on this machine ({ $why }); the next run notes it
secrets-verified = { $all } are read back and verified
secrets-look-again = { $why }; looking again
secrets-in-place = { $all } in { $places ->
        [one] namespace
       *[other] namespaces
    } { $namespaces } are as they should be
secrets-kept = { $all } are kept: the bootstrap has taken them over, and the appliance keeps its accounts
secrets-license-new = the license in the cluster is new; the bootstrap has run and does not run again for it: the appliance takes the license over when it reads that Secret the next time
scrub-none = { $object } holds no plaintext password
scrub-removed = the plaintext password was removed from { $object }
scrub-stays = the key `{ $key }` of { $object } still holds the plaintext password: something else than firstlight manages it
scrub-stays-hint = remove it with `kubectl -n { $namespace } patch secret { $secret } --type json -p '[{"{"}"op":"remove","path":"/data/{ $key }"{"}"}]'`, then run again
secrets-written = { $names } written in { $places ->
        [one] namespace
       *[other] namespaces
    } { $namespaces } and read back
secrets-other-tenant = this cluster belongs to { $present }, but the code was issued for { $granted }; nothing was overwritten
secrets-other-tenant-hint = run again with the code of { $present }; what this one brought for { $granted } is kept in the journal, and serves this code if the cluster is reinstalled
secrets-not-persisted = { $object } differs from what was written: { $keys }
secrets-no-grant = there is neither a grant nor a tenant to write
standing-several-tenants = the objects in the cluster belong to several tenants: { $tenants }; nothing was overwritten
standing-several-tenants-hint = find out whose cluster this is, and keep that tenant's Secret; keep a copy of the other tenant's elsewhere before you delete it here, then run again with the code of the one who stays
tenant-named = tenant { $tenant } ({ $company })
tenant-unnamed = tenant { $tenant }
secrets-hash = the administrator's password could not be hashed

### The bootstrap
bootstrap-has-run = the bootstrap `{ $release }` has already run
bootstrap-has-run-otherwise = the bootstrap `{ $release }` has already run, with other values than are given now; these are not applied
bootstrap-left = the bootstrap `{ $release }` has already run; something else has changed the release since then and has not come to its end; this is left alone
bootstrap-left-jobs = the bootstrap `{ $release }` has already run; something else has changed the release since then, and of that these Jobs are not complete yet: { $jobs }; they are watched, and not touched
bootstrap-left-complete = the bootstrap `{ $release }` has already run; something else has changed the release since then, of which Job { $jobs } is complete by now
bootstrap-helm-works = a `helm` that an earlier run started is still at work: waiting for its end
bootstrap-removing-record = removing Helm's record of an interrupted run ({ $status })
bootstrap-removing-job = removing the Job `{ $job }` of an earlier run
bootstrap-runs-again = the Job `{ $job }` is gone, and nobody has seen its end: it runs again
bootstrap-installing = installing release `{ $release }`
bootstrap-seen = Job `{ $job }`: { $seen }
bootstrap-ask-again = { $why }; asking again
bootstrap-installed = release `{ $release }` is installed; Job { $jobs } is complete
bootstrap-installed-without-job = release `{ $release }` is installed; it has no Job to wait for
bootstrap-failed = the bootstrap Job `{ $job }` failed: { $seen }
bootstrap-timeout = the bootstrap Job `{ $job }` did not finish within { $seconds } s: { $seen }
# Said of a Job, in bootstrap-timeout and bootstrap-failed.
bootstrap-not-deleted = it is of an earlier run and is not deleted
bootstrap-missing = it does not exist
# What is seen of a Job that is gone: a diagnosis.
bootstrap-failed-and-gone = it was tidied away at its end; seen last: { $seen }
bootstrap-end-unseen = it was deleted, and its end was not seen; seen last: { $seen }
bootstrap-nothing-seen = nothing

### What is seen of a Job
# The phase is one of Kubernetes: pending, running, succeeded, failed or unknown.
diagnosis-pod = pod `{ $pod }` is { $phase }
diagnosis-no-pod = no pod was created yet
diagnosis-pod-refused = no pod was created: { $why }
diagnosis-pod-refused-hint = correct what the message names (quota, admission, service account), then run again
diagnosis-suspended = it is suspended, and makes no pod
diagnosis-suspended-hint = see who suspends it (`spec.suspend`), in the chart or in the cluster; then run again
diagnosis-pod-deleted = pod `{ $pod }` is being deleted
diagnosis-pulling = pod `{ $pod }` waits for its image, which is being pulled
# The container is said by diagnosis-init-container.
diagnosis-initializing = pod `{ $pod }` waits for its { $container }
# Two states of a Job, the newer one first.
diagnosis-try-before = { $seen }; before that, { $before }
# What was seen of a Job, and how it ended.
diagnosis-and-end = { $seen }; { $end }
diagnosis-job-deadline = the Job gave up after { $seconds } s
diagnosis-job-back-off = the Job gave up after { $retries ->
        [one] one retry
       *[other] { $retries } retries
    }
diagnosis-job-end = the Job gave up: { $why }
diagnosis-job-hint = see `kubectl -n { $namespace } describe job { $job }`, correct the cause or give it more time in the chart, then run again
# Said of a pod that runs.
diagnosis-log-says = { $seen }; the last error in its log: { $said }
# The reason is one of Kubernetes', such as FailedMount.
diagnosis-obstacle = pod `{ $pod }` cannot start ({ $reason }): { $why }
diagnosis-obstacle-hint = correct what the message names, then run again
diagnosis-volume-hint = make what the message names, or correct the volume in the chart; then run again
diagnosis-sandbox-hint = mend the network or the container runtime of this machine (see `kubectl describe node`), then run again
diagnosis-evicted = pod `{ $pod }` was evicted: { $why }
diagnosis-deadline = pod `{ $pod }` took longer than its deadline
diagnosis-deadline-hint = find what it waited for with `kubectl -n { $namespace } logs { $pod }`, or give it more time in the chart; then run again
diagnosis-no-room = pod `{ $pod }` was refused by the node: not enough { $resource }
diagnosis-room-hint = make room on this machine, or have the chart ask for less; then run again
# The reason is one of Kubernetes', such as PreemptionByScheduler.
diagnosis-pod-ended = pod `{ $pod }` was ended by Kubernetes ({ $reason }): { $why }
diagnosis-pod-ended-hint = see `kubectl -n { $namespace } describe pod { $pod }` and `kubectl describe node`, correct the cause, then run again
diagnosis-no-node = pod `{ $pod }` has no node: { $why }
diagnosis-no-node-hint = see `kubectl get nodes`: a node must be Ready and have room; then run again
diagnosis-claim-hint = make the volume claim that the message names, and see `kubectl get storageclass` for who provides volumes; then run again
diagnosis-taint-hint = see `kubectl describe node`: what the taint stands for must be mended, or tolerated by the chart; then run again
diagnosis-selector-hint = correct the chart's node selector or affinity, or give the node the label; then run again
diagnosis-gated = pod `{ $pod }` is held back by a scheduling gate
diagnosis-gated-hint = see who opens its gate (`spec.schedulingGates`), in the chart or in the cluster; then run again
diagnosis-no-reason = no reason given
# What the sentences about a container begin with, or have in their middle.
diagnosis-container = container `{ $name }`
diagnosis-init-container = init container `{ $name }`
diagnosis-container-refused = { $container } of pod `{ $pod }` cannot be created: { $why }
diagnosis-container-refused-hint = correct what the message names in the chart or the Secrets, then run again
diagnosis-unstarted = { $container } cannot be started: { $why }
diagnosis-unstarted-hint = correct the command in the chart, or name an image made for this machine; then run again
diagnosis-image = image `{ $image }` cannot be pulled: { $why }
diagnosis-image-hint = correct what the message names, then run again
diagnosis-image-secret-hint = correct this first, then run again: { $message }
diagnosis-image-no-image = that is no name of an image
diagnosis-image-no-image-hint = correct it in the chart, then run again
diagnosis-image-absent = it is not on this machine, and is not to be pulled
diagnosis-image-absent-hint = it should have come with this machine: import it into the container runtime, or ask the vendor; then run again
diagnosis-image-local = it is not on this machine, and `localhost` is no registry
diagnosis-image-signature = its signature is not accepted
diagnosis-image-signature-hint = check which signatures the container runtime wants for `{ $registry }`, then run again
diagnosis-image-disk = this machine's disk is full
diagnosis-image-disk-hint = make room where the container runtime keeps its images, then run again
diagnosis-image-proxy = the container runtime's proxy does not let it through
diagnosis-image-proxy-hint = correct the proxy of the container runtime, or have it reach `{ $registry }` without one; then run again
diagnosis-image-no-name = the registry's name does not resolve
diagnosis-image-no-name-hint = correct this machine's DNS so that `{ $registry }` resolves, then run again
diagnosis-image-clock = this machine's clock is wrong
diagnosis-image-clock-hint = set this machine's clock, then run again
diagnosis-image-expired = the registry's certificate has expired by this machine's clock
diagnosis-image-expired-hint = check this machine's clock; if it is right, have the certificate of `{ $registry }` renewed; then run again
diagnosis-image-other-name = the registry's certificate is for another name
diagnosis-image-other-name-hint = have `{ $registry }` show a certificate with its own name in it, then run again
diagnosis-image-untrusted = the registry's certificate is not trusted
diagnosis-image-untrusted-hint = add the authority of `{ $registry }` to the container runtime's trust store, then run again
diagnosis-image-no-tls = the registry speaks no TLS
diagnosis-image-no-tls-hint = have `{ $registry }` speak TLS, or set the container runtime up to do without it there, then run again
diagnosis-image-too-many = the registry gives out no more for now
diagnosis-image-too-many-hint = wait, or give the container runtime credentials for `{ $registry }`, then run again
diagnosis-image-denied = the registry refuses access
diagnosis-image-denied-hint = check the image's name, and the credentials for `{ $registry }`, then run again
diagnosis-image-platform = there is none of it for this machine's processor
diagnosis-image-platform-hint = name an image in the chart that is made for this machine's processor, then run again
diagnosis-image-foreign = something else answers in the registry's place
diagnosis-image-foreign-hint = check what is between this machine and `{ $registry }`: a login page or a proxy; then run again
diagnosis-image-unknown = the registry does not have it
diagnosis-image-unknown-hint = check the image's name and tag in the chart, then run again
diagnosis-image-server = the registry has a fault of its own
diagnosis-image-server-hint = wait until `{ $registry }` is well again, then run again
diagnosis-image-unreachable = the registry cannot be reached
diagnosis-image-unreachable-hint = check that this machine reaches `{ $registry }`, then run again
# The meaning is one of the texts after the next, or nothing.
diagnosis-ended-with = { $container } ended with status { $status }{ $meaning }
diagnosis-ended-hint = see `kubectl -n { $namespace } logs { $pod } -c { $container }`, correct the cause, then run again
diagnosis-not-executable = { " " }(a command cannot be executed)
diagnosis-no-command = { " " }(a command was not found)
diagnosis-killed = { " " }(killed: SIGKILL)
diagnosis-told-to-end = { " " }(told to end: SIGTERM)
diagnosis-signal = { " " }(ended by signal { $signal })
diagnosis-lost = { $container } was lost, as when this machine restarts
diagnosis-lost-hint = run again
# The limit is said by diagnosis-limit, or is nothing.
diagnosis-out-of-memory = { $container } took more memory than its limit{ $limit } (OOMKilled)
diagnosis-limit = { " " }of { $limit }
diagnosis-machine-memory = { $container } took more memory than this machine has left (OOMKilled)
diagnosis-memory-hint = give this machine more memory, or raise the limit in the chart; then run again

### Starting the services of this machine
services-active = active already: { $units }
services-started = started: { $units }
services-started-and-active = started: { $units }; active already: { $active }
# It ends with the time, so that none is added to it.
service-waiting = waiting for { $units }, { $seconds } s
service-missing = there is no unit `{ $unit }` on this machine
service-missing-hint = install what brings `{ $unit }`, or correct `service` in the profile; then run again
service-masked = `{ $unit }` is masked: nobody can start it
service-masked-hint = run `systemctl unmask { $unit }` if it is to run here, or take it out of `service` in the profile; then run again
service-unreadable = systemd cannot use the file of `{ $unit }`
service-unreadable-hint = `systemctl status { $unit }` says what is wrong with it: correct that and run `systemctl daemon-reload`; then run again
service-unmet = `{ $unit }` was not started: a condition in its file does not hold
service-unbegun = `{ $unit }` was not started: something that it needs did not start
service-unbegun-hint = `systemctl status { $unit }` and `journalctl -u { $unit }` name what is meant: correct that, then run again
service-status = `{ $unit }` has failed: its program ended with status { $status }
service-signal = `{ $unit }` has failed: its program was ended by signal { $signal }
service-failed = `{ $unit }` has failed: `{ $result }`
service-ended = `{ $unit }` was started, and has ended again
service-hint = look at `systemctl status { $unit }` and `journalctl -u { $unit }`, and correct what is seen there; then run again
service-late = `{ $unit }` is not active after { $seconds } s: { $state }
service-late-hint = look at `systemctl status { $unit }` and `journalctl -u { $unit }`, and run again to go on waiting; where it takes longer, raise its `timeout-seconds` in the profile

### Waiting for the appliance
ready-appliance = the appliance
ready-all = ready: { $names }
ready-signed-in = signed in: { $names }
ready-exposed = not tried, because the password would leave this machine without TLS: { $names }
ready-not-signed-in = not tried, because an earlier run has set the appliance up and its password was chosen then: { $names }
ready-and-then = { $before }; { $next }
ready-absent = out of reach, as it must be: { $absent }
ready-none = nothing had to be waited for
ready-nameless = { $name } is not waited for: that needs the host name of the appliance, which has no answer
# It ends with the time, so that none is added to it.
ready-waiting = waiting for { $name }: { $why }, { $seconds } s
ready-waiting-seen = waiting for { $name }: { $why }; { $seen }, { $seconds } s
ready-missing-too = { $before }; { $name }: { $why }
ready-not = { $name } is not ready after { $seconds } s (`{ $url }`)
ready-not-seen = { $name } is not ready after { $seconds } s (`{ $url }`): { $seen }
ready-not-absent = { $name } must not be reachable, and something answers there after { $seconds } s (`{ $url }`)
ready-not-absent-hint = have the appliance keep this address to itself (a route of its ingress, a port of a Service, a firewall), or correct `ready` in the profile; then run again
ready-login-refused = the appliance is up, but does not take the administrator's password: { $name } is refused with status { $status } after { $seconds } s (`{ $url }`)

## What is wrong with a profile or with answers
# What stands behind the path of a key, and hints how to correct it
file-missing = is missing
file-no-toml = this is not TOML
file-syntax-hint = strings need quotes; one `key = value` a line
file-unknown = is not a known key
file-meant = did you mean `{ $key }`?
file-known = known here: { $keys }
file-wrong-type = must be { $wanted }, not { $found }
file-text = a string in quotes
file-text-or-table = a string in quotes, or a table
file-number = a whole number, 0 or more
file-numbers = a whole number, or a list of them
file-no-json = has something in it that has no form in JSON, such as a time
file-boolean = `true` or `false`
file-list = a list of strings
file-scalar = a string, a whole number or a boolean
file-table = a table (`[{ $path }]`)
file-tables = a list of tables (`[[{ $path }]]`)
file-found-string = a string
file-found-negative = a negative number
file-found-integer = an integer
file-found-float = a float
file-found-boolean = a boolean
file-found-datetime = a datetime
file-found-array = an array
file-found-inline-table = an inline table
file-found-table = a table
file-found-tables = an array of tables
value-format = must be `base64:N`, `base64url:N` or `hex:N` of 16 to 1024 bytes, `password:N` of as many characters, `uuid`, or `url(…)`
value-format-part = has `{ $part }` in it, which is neither a format such as `hex:24` nor the id of another value
value-format-apart = has a part that cannot be told from what is behind it: behind each there must be a character such as `@`, `:`, `/` or `?`, or nothing at all
value-format-url = is no address with a part in braces, such as `{ $example }`
value-empty = { $what } is empty
value-short = { $have ->
        [one] { $what } has { $have } character
       *[other] { $what } has { $have } characters
    }; at least { $least } are needed
value-long = { $what } has { $have } characters; at most { $most } are allowed
value-unseen = { $what } has an invisible or control character ({ $character }) at position { $position }
value-blank = { $what } has an unusual blank ({ $character }) at position { $position }
secret-lines = line { $line } is not empty; the first line has { $have } characters, and all lines have { $all }
secret-line-empty = the first line is empty, and line { $line } is not
value-form = { $what } does not have the form `{ $form }`
value-must-be = { $what } must be { $wanted }
value-one-of = { $what } must be one of { $choices }
value-twice = { $what } has `{ $text }` twice
value-interface = { $what } is neither the name of an interface such as `eth0`, nor its hardware address such as `52:54:00:12:34:56`
value-vlan = { $what } must be a whole number from 1 to { $most }
value-prefixed = { $what } has `{ $text }`, which is no IP address with the length of its network's prefix, such as `192.0.2.7/24`
value-prefix-missing = { $what } has `{ $text }` without the length of its network's prefix, such as `{ $example }` behind it
value-prefix-length = { $what } has `{ $text }`, whose prefix has no length from 1 to { $most }
value-prefixed-nobodys = { $what } has `{ $text }`, which is not the address of one machine in its network
value-ip = { $what } has `{ $text }`, which is not the IP address of a machine
value-time-server = { $what } has `{ $text }`, which is neither a name such as `time.example.com` nor an IP address
value-no-name = { $what } is empty; a name such as `appliance.example.com` is needed
value-address = { $what } is an address; a name such as `appliance.example.com` is needed
value-no-hostname = { $what } is not a name such as `appliance.example.com`: letters, digits and inner hyphens, separated by dots, without `https://`
value-url-empty = { $what } is empty; an address such as `https://appliance.example.com` is needed
value-url-scheme = { $what } must begin with `http://` or `https://`
value-url-user = { $what } has a user name in it, which does not belong there
value-url-path = { $what } has a path behind the host; nothing but a `/` may stand there
value-url-query = { $what } has a query (`?`) behind the host; nothing but a `/` may stand there
value-url-fragment = { $what } has a fragment (`#`) behind the host; nothing but a `/` may stand there
value-url-brackets = { $what } has an IPv6 address without brackets; write it as in `http://[2001:db8::1]`
value-url-no-ipv6 = { $what } has brackets around something that is no IPv6 address (one with a zone cannot be used)
value-url-port = { $what } has a port that is no number from 1 to 65535
value-url-host = { $what } has no host that can be used: a name such as `appliance.example.com`, or an IP address
value-url-nowhere = { $what } names `{ $address }`, which does not lead to one machine
value-template = has `{ $part }` in it: known are { $known }; a brace itself is written twice, as in `{ $brace }`
answer-add = add `{ $path }`
answer-add-form = add `{ $path }`: { $form }
answer-without-certificate = says nothing without `certificate.file`, the certificate that it belongs to
network-mode-without-bond = { $what } says nothing without `network.bond`, the interfaces that work as one
network-vlan-over-itself = { $what } has the name that the VLAN's own interface gets
network-bond-name = { $what } is what the bond is called, and a hardware address is no name
network-bond-alone = { $what } has one interface; a bond has two or more
network-bond-of-itself = { $what } has `{ $name }`, which is what the bond itself is called
network-gateway-alone = { $what } says nothing without an address of this machine's own: whoever asks for one is told the gateway too
network-gateway-apart = { $what } has `{ $gateway }`, which lies in no network that this machine has an address in
network-gateway-itself = { $what } has `{ $gateway }`, which is this machine's own address
network-gateway-nobodys = { $what } has `{ $gateway }`, which is no machine's address: it is that of the network itself, or of all machines in it
network-gateway-several = { $what } has two of a kind: there may be one for IPv4 and one for IPv6
answer-without-disk = says nothing without `install.disk`, the disk that it is about
answer-page-form = it is no URL (`https://…`)
answer-exceptions-alone = exceptions are from a proxy, and `proxy.url` is missing
answer-token-alone = a token is for an address, and `report.url` is missing
answer-token-without-tls = a token is sent over https alone
answer-unread = was not read
answer-twice = is given twice: use one of `{ $key }`, `{ $file }` and `{ $credential }`
answer-text = a text of at most { $most } characters
answer-text-form = a text of the form `{ $form }`
answer-one-of = one of { $choices }
answer-hidden = a secret; or `{ $id }-file`, `{ $id }-credential`
colour-form = is not a colour; write it as `#rrggbb`, such as `#0b7285`
pattern-form = is not a regular expression: { $reason }
code-format-alphabet = the alphabet needs at least two characters
code-format-character = the alphabet may only hold `A`-`Z` and `0`-`9`, each once; `{ $character }` is not allowed or stands there twice
code-format-length = the length must be between 4 and 64, not { $length }
profile-wordmark-large = is too large; it may have { $lines } lines of { $columns } characters
profile-wordmark-characters = has something else in it than printable ASCII characters
profile-password-forms = `argon2id`, `scrypt` or `plaintext`
profile-presences = `optional` or `required`
profile-audiences = `required` or `if-present`
profile-signed-keys = needs `token-key-file`: without a key no signature can be checked
profile-signed-audience = needs `token-audience = "required"`: a token without its tenant could be anybody's
profile-classes = any of `lower`, `upper`, `digit` and `symbol`
profile-symbols = must be symbols alone: no letters, digits or spaces
profile-secret-twice = is also the name of the tenant Secret
profile-key-unknown = is not a key of this Secret; its keys are { $keys }
profile-key-form = is not a Secret key: letters, digits, `-`, `_` and `.` are allowed
profile-key-twice = is the name of another key of this Secret
profile-key-taken = the key `{ $key }` is another one's already
profile-key-hint = the key of the Secret
profile-chart-hint = the folder or `.tgz` of the bootstrap chart
profile-ready-url = is not an `http://` or `https://` address
profile-ready-hint = the address that answers once the appliance is up
profile-ready-two = use one of `url` and `login`, not both
profile-connect-to = is not an IP address
profile-connect-to-name = needs a name in the address that is asked: it stands in the place of what that resolves to
profile-ready-login = is not for an entry with `login`, which has a `method` and a `status` of its own
profile-login-only = has `{"{"}email{"}"}` or `{"{"}password{"}"}` in it, which may stand in `json` and `form` of a `login` alone
profile-login-plain = would send the password without TLS: use `https://`; `http://` only for `localhost` and addresses such as `127.0.0.1`
profile-login-url-hint = where the administrator signs in
profile-login-methods = `POST`, `PUT` or `PATCH`
profile-login-two = use one of `json` and `form`, not both
profile-login-hint = what is sent to sign in: `json` or `form`
profile-login-password = has `{ $placeholder }` in none of its texts: nothing would be proved
profile-unit = is not the full name of a unit that can be started, such as `gateway.service` or `queue@1.service`
profile-unit-hint = the unit's full name, such as `gateway.service`
profile-dependent = must be `deployment:NAME`, `statefulset:NAME` or `daemonset:NAME`, with `NAMESPACE/` before the name if it is another one, or `unit:NAME.service`
profile-unit-twice = is the unit of another entry already (`{ $unit }`)
profile-reach-hint = the address that the bootstrap needs
profile-methods = `GET`, `HEAD`, `OPTIONS` or `POST`
profile-statuses = must be a status from 200 to 599, or a list of them
profile-content-type = is not a content type without parameters, such as `application/json`
profile-header = is no header of a request: a name and a value as HTTP allows them, and none that says how a body is framed
profile-head-body = is never there: an answer to `HEAD` has no body
profile-license-url = is not an `https://` address without a user name
profile-license-hint = the license service's address, such as `https://license.example`
profile-path = is not an absolute path
profile-folder = `{ $folder }` is no folder that an appliance could keep: one of its own is needed, such as `/var/lib/NAME`
profile-folder-twice = `{ $folder }` and `{ $other }` lie in one another
profile-name = is not a Kubernetes name: up to 53 lower-case letters, digits and inner hyphens
profile-names = lists what is no Kubernetes name: up to 63 lower-case letters, digits and inner hyphens
profile-destination = must be `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH#VARIABLE`
profile-destination-open = may not be in a ConfigMap, which many can read: what is generated goes to Secrets and files
profile-pem-key = must be `secret:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH`
profile-pem-authority = must be `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, `file:PATH`, or `trust`
profile-pem-public = must be `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH`
profile-pem-key-hint = where the private key goes, such as `"secret:appliance-pki/root.key"`
profile-certificate-hint = where the certificate goes, such as `["secret:appliance-pki/root.crt"]`
profile-crl-hint = where the list goes, such as `["configmap:well-known/crl.pem"]`
profile-algorithms = `p-256`, `rsa-2048` or `rsa-4096`
profile-key-forms = `pkcs8`, `pkcs1` or `sec1`
profile-key-form-rsa = is a form of RSA keys alone; one of P-256 is `pkcs8` or `sec1`
profile-key-form-curve = is a form of P-256 keys alone; one of RSA is `pkcs8` or `pkcs1`
profile-leaf-name = must be `{"{host}"}`, `{"{interface}"}`, a DNS name or an IP address
profile-leaf-unasked = has `{"{host}"}` in it, which needs `ask = true` in `[endpoint]`, or a `url` without an answer in it
profile-pki-root = needs `[pki.root]`, which signs it
profile-data = must be `claim:NAME`, with `NAMESPACE/` before the name if it is another one, or `path:PATH`
profile-list-item = has `{ $item }` in it, which { $reason }
profile-list-empty = is empty
profile-rotations = `manual` or `never`
profile-generate-twice = is the id of another value already (`{ $id }`)
profile-generate-unknown = needs a value `{ $id }` among the others that is no address itself
profile-generate-never = is made of `{ $id }`, which may be replaced (`rotate = "manual"`): then this one must be too
profile-target-taken = has `{ $target }` in it, where another value goes already
profile-target-of-setup = has `{ $target }` in it: that Secret is written as a whole from the grant and the answers
profile-mode = must be a mode such as `0640`, with which its owner may read and write it, and not everybody
profile-format-hint = what it looks like, such as `base64:32`
profile-targets-hint = where each copy goes, such as `["secret:broker-env/STATE_KEY"]`
profile-number = must be between { $least } and { $most }, not { $have }
profile-min = is more than `max`, which is { $max }
profile-url-unasked = needs `ask = true`: `{ $hostname }` stands for the answer
profile-endpoint-url = is not an `http://` or `https://` address such as `https://{ $hostname }/`
profile-value-unasked = needs `ask = true`: there is no answer otherwise
profile-endpoint-kinds = `hostname` or `url`
profile-schemes = `http` or `https`
profile-sources = some of `answer`, `metadata`, `interface` and `hostname`, each once
profile-sources-answer = needs `answer`: what a machine finds out must be open to correction
profile-sources-url = needs `kind = "url"`: a host name comes from an `answer` alone
profile-targets-unasked = needs `ask = true`, or a `url` without an answer in it: otherwise there is no address
profile-endpoint-target = must go to `value:PATH`, `secret:NAME/KEY` or `configmap:NAME/KEY`, with `NAMESPACE/` before the name if it is another one, or `file:PATH#VARIABLE`
profile-target-line = has a `'` or a line break in it: a variable in a file can have neither
profile-target-value-list = has `keep`: a Helm value is set as a whole, and is no list that somebody adds to
profile-target-list = has a blank, a line break or `{ $separator }` in it: in a list with `{ $separator }` between its texts, no text can have one
profile-target-text-hint = the text, such as `{ $example }`
profile-separators = `,`, `;` or a blank
profile-place-taken = is where another value goes already
profile-place-of-setup = is in a Secret that is written as a whole from the grant and the answers
profile-value-unread = needs a `[bootstrap]`: nothing else reads Helm values
profile-value-path = is not the path of a Helm value such as `ingress.host`
profile-value-taken = is set by something else already (`{ $other }`)
profile-questions = is one question too many; { $most } are allowed
profile-id = must be lower-case letters, digits and inner hyphens
profile-id-hint = a name such as `{ $example }`
profile-id-taken = `{ $id }` is a key of another question's answer already
profile-label-hint = what is asked for
profile-help = must be up to { $most } characters that can be shown
profile-kinds = `text`, `choice`, `boolean`, `number` or `secret`
profile-choices-hint = a list such as `{ $example }`
profile-choice-hint = the answer itself
profile-choice-space = has white space at an end
profile-choice-twice = is the value of another choice already
profile-secret-default = a secret has none: it would be the same for everybody
profile-secret-value = a secret may only go to a Secret: use `secret-key` in its place
profile-two-targets = use one of `value` and `secret-key`, not both
profile-target-hint = where the answer goes: `value` (a Helm value) or `secret-key` (a key of a Secret)
profile-secrets = `tenant` or `license`
# What the license service and the files of a profile bring, which nobody here typed
tenant-id-form = `{ $text }` is not a tenant id (a UUID such as `7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66`)
edition-unknown = the edition `{ $edition }` is not known to this version of firstlight
grant-unreadable = what came as the license service's answer cannot be read: { $why }
grant-form = the license service's answer is not a grant
grant-tenant = the license service's answer names no usable tenant
grant-edition = the license service granted an edition that is not usable here
grant-missing = the license service granted a paid edition without `{ $part }`
grant-check-in = the license service's `check_in_url` is not an https address
token-signature = the license token is not signed by the key that the profile pins, or is damaged
token-form = the license token cannot be read
token-no-tenant = the license token does not say for which tenant it is issued (`aud`)
misread-at = what stands in line { $line } from column { $column } on is not understood
misread-short = it ends too early
misread-somewhere = it is not understood
misread-nothing = there is nothing of the kind in it
token-tenant = the license token is not issued for tenant { $tenant }
token-expired = the license token is not valid now (it has expired)
token-early = the license token is not valid now (its time has not come)
token-key-form = this is not the PEM of an Ed25519, P-256 or RSA public key
token-key-set = this JSON holds no Ed25519, P-256 or RSA public key for signatures (`keys`, RFC 7517)
token-key-none = there is no key in it
certificates-read = it cannot be read
certificates-unended = the certificate that begins on line { $line } has no end
certificates-unusable = the certificate that begins on line { $line } is damaged, or cannot be used as an authority
certificates-label = it holds `{ $label }` where `CERTIFICATE` is wanted
certificates-none = there is no certificate in it
fingerprint-form = `{ $text }` is not a SHA-256 fingerprint (32 pairs of hex digits with colons between them)

## What checks of files say
check-answers-sound = the answers are complete and well-formed; the code will be checked when it is used
check-profile-sound = the profile is sound
check-profile-missing = `{ $setting }` names `{ $path }`, which is not on this machine: it was not looked at

## Recordings
replay-foreign = this is not a recording: its first line is not one that `--record` writes
replay-foreign-hint = give the file that was named with `--record`
replay-format = the recording has format { $format }, and this version reads format { $ours }; firstlight { $by } wrote it
replay-format-hint = replay it with firstlight { $by }
replay-version-hint = replay it with the version that wrote it
replay-profile = the profile in the recording cannot be used: { $problem }
replay-missing = there is no message { $at }: the recording has { $last }
replay-missing-hint = give a number from 1 to { $last }
replay-print = the screens cannot be printed
replay-print-hint = look at where the output goes
replay-note = note: after #{ $count }: { $note }
replay-cut-off = the last line is cut off
replay-passed-over = line { $number } is passed over: { $reason }
replay-passed-over-unknown = line { $number } is passed over: this version does not read `{ $kind }`
replay-left = the wizard was left with exit code { $code }
replay-no-page = the recording goes on at { $place }, which there is not
replay-other-page = the recording goes on at { $place }, not at { $found }
replay-place = { $page }, field { $field }
replay-place-asking = { $page }, field { $field }, asking `{ $ask }`
replay-screen = (a screen of { $columns }x{ $rows })
replay-opened = the wizard opens
replay-key = key { $name }
replay-paste = a paste of { $characters } characters
replay-resized = resized to { $columns }x{ $rows }
replay-tick = { $elapsed } ms pass
replay-described = the steps are described
replay-network = the network is looked at
replay-network-trial = a network is tried
replay-rehearsal = rehearsal: { $event }
replay-run = run: { $event }
replay-broken-off = broken off
replay-saved = a report is saved
replay-layout = a keyboard layout is loaded, or not
replay-disks = the disks of this machine
replay-installation = installation: { $event }
replay-not-restarted = the machine does not restart
replay-leader = who leads
replay-left-behind = the failure of a run without a terminal
replay-invited = the setup can be reached over SSH, or not
replay-proxy = another proxy is used, or not
replay-clock = the clock is set, or not
replay-admission = who may go on
replay-signed-in = what came of signing in
replay-judged = the password is judged
replay-hangup = a signal, or the terminal is gone

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
error-answers-source-meaning = This machine is told where its answers are, and they cannot be had there. They are never asked for instead without saying so.
error-answers-source-remedy = Correct what is said, on the kernel's command line or on the volume, and restart the machine; or type the answers on a console.
error-answers-invalid-remedy = Correct the listed answers. `firstlight answers check FILE` repeats the check without side effects.
error-certificate-unfit-meaning = The certificate that was given, or its key or password, will not do: each reason is listed. Nothing was written.
error-certificate-unfit-remedy = Mend what is listed, or leave the certificate out: then the appliance's own authority signs one. `firstlight certificate show` says which one is there.
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
error-code-superseded-meaning = A newer install code was issued for the same tenant, and this one is no longer good. Nothing was spent.
error-code-superseded-remedy = Use the code of the newest e-mail, or ask the vendor for one.
error-license-unavailable-meaning = The license service cannot answer now: it is down, overloaded, or did not answer in time.
error-license-unavailable-remedy = Run again later: the code is kept, and sending it again is safe.
error-license-refused-meaning = The license service refused for a reason of its own, which is neither the code nor something that passes.
error-license-refused-remedy = Tell the vendor the status and what the service says. The install code is kept, and sending it again later is safe.
error-license-url-meaning = The host of the profile's `license.url` answers, but has no license service below that address.
error-license-url-remedy = Correct `license.url` in the profile. The install code is kept, and sending it again is safe.
error-license-blocked-meaning = A firewall, gateway, filter or captive portal refused the request in the license service's place.
error-license-blocked-remedy = Ask the network's administrator, or the vendor if the filter is theirs, to let `POST /register` reach the license service. Sending the code again later is safe.
error-license-answer-meaning = What came as the license service's answer cannot be read: something may have answered in its place.
error-license-answer-remedy = Look for a captive portal or proxy between this machine and the service. If there is none, tell the vendor; sending the code again later is safe.
error-grant-unusable-meaning = The license service has granted the code something that cannot be used here: an edition that this version does not know, or a license that does not verify. The code is spent, and the grant is kept.
error-grant-unusable-remedy = Send the vendor's support the message, or update firstlight; the next run goes on from the grant that is kept.
error-name-resolution-meaning = The license service's host name does not resolve.
error-name-resolution-remedy = Correct the DNS servers of this machine, or ask the network's administrator; then run again.
error-proxy-meaning = The proxy that is named as the way to the license service is not one, cannot be reached, or refuses.
error-proxy-remedy = Correct the proxy (P on the wizard's network page, `[proxy]` of the answers, or the environment variable that the message names), or ask the network's administrator to let the proxy reach the license service; `NO_PROXY` exempts hosts from it.
error-tls-untrusted-meaning = The certificate presented for the license service was issued by an authority this machine does not trust, as TLS-inspecting proxies do.
error-tls-untrusted-remedy = Ask the network's administrator to exempt the license service from inspection, or for the fingerprint of the authority that inspects, and name that (P on the wizard's network page, `proxy.ca` of the answers) or the file of its certificate.
error-tls-failed-meaning = The TLS connection to the license service could not be made.
error-tls-failed-remedy = Check for proxies or firewalls that interfere with TLS between this machine and the license service.
error-unreachable-meaning = Something that the bootstrap needs from the network, such as a registry, cannot be reached from this machine, or does not answer as the profile says.
error-unreachable-remedy = Correct this machine's network, or ask the network's administrator to let it reach the address that the message names, directly or by a proxy (`HTTPS_PROXY`); then run again.
error-network-taken-back-meaning = Another network was tried on this machine, which did not reach with it what it did before. It has the one of before again.
error-network-taken-back-remedy = Correct `[network]` in the answers by what the message names (cable, address, gateway, DNS servers), then run again.
error-network-interface-meaning = The answers name an interface for the network that this machine does not have, or none where it has several. Nothing was changed.
error-network-interface-remedy = Name one of the interfaces that the message lists; in an answers file that is `network.interface`.
error-network-unmanaged-meaning = The network of this machine is not run by systemd-networkd, the only one that firstlight changes it by. Nothing was changed.
error-network-unmanaged-remedy = Leave `[network]` out of the answers and change the network with what runs it, or have systemd-networkd run it (`systemctl enable --now systemd-networkd`).
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
error-field-conflict-remedy = Stop that program from managing the object, take the named fields out of it (`kubectl edit`), and run again: firstlight writes them anew. Do not delete the Secret of the tenant that the cluster belongs to.
error-not-persisted-meaning = An object read back from the cluster differs from what was written.
error-not-persisted-remedy = Look for an admission webhook or controller that changes Secrets in the namespace. The grant is kept in the journal; run again when it is fixed.
error-other-tenant-meaning = The cluster, or a part of it, belongs to another tenant. Nothing was overwritten, and what a code has brought to this machine is kept in the journal.
error-other-tenant-remedy = Use a code issued for the tenant that the cluster belongs to, or reinstall the cluster if it is to change hands; a code that this machine has already used serves then, without a new one.
error-other-code-meaning = This machine or its cluster was set up with another install code. The code that was given was not sent and is as good as before.
error-other-code-remedy = Give the code that this machine was set up with. If this one is to be used all the same, as with a reissued code over old data or for another edition, say so: U in the wizard, or `change = true` under `[license]` in an answers file.
error-copies-differ-meaning = A value of this appliance's own stands in several places, and not as the same value. Nothing was overwritten.
error-copies-differ-remedy = Find out which copy the data was written with (the digests are the first 8 digits of SHA-256), put that one into the other places or take those away, and run again.
error-value-malformed-meaning = A value of this appliance's own is there and does not look as the profile says. It was not overwritten.
error-value-malformed-remedy = Put the right value there, or correct its format in the profile.
error-key-lost-meaning = A value is missing with which data was written that is still there. No new one was made, because it could not read that data.
error-key-lost-remedy = Restore the value from a backup, or remove the data if it is worth nothing.
error-certificate-faulty-meaning = A certificate of the appliance's own authority does not belong to its key or its issuer, or its time has passed. Nothing was overwritten.
error-certificate-faulty-remedy = Restore key and certificate from a backup as the pair that they were, or set the clock if that is what is wrong, and run again.
error-file-unusable-meaning = A file of another program that is to hold a value of this appliance cannot be read or written.
error-file-unusable-remedy = Correct its permissions or its content, or the profile where it names the wrong file or group.
error-not-live-meaning = There is nothing to install from: this system was not started from an appliance's image.
error-not-live-remedy = Start the machine from the image, and install from there.
error-disk-unfit-meaning = No disk was found to install on, or the one that was named will not do; it is said why. Nothing was written.
error-disk-unfit-remedy = Name another disk (`--disk`), or attach one. `lsblk` lists them all.
error-disk-occupied-meaning = Something is on the disk that nobody said may go. Nothing was written.
error-disk-occupied-remedy = Install on another disk; or, if what is named there may be lost, say so with `--erase foreign`.
error-install-failed-meaning = The image could not be put on the disk as a whole; it is said at what it failed. The disk may not start by itself now; an appliance's data on it are what they were.
error-install-failed-remedy = Mend what is named, or take another disk, and install again.
error-helm-missing-meaning = The bootstrap needs the `helm` command, and it was not found or is too old.
error-helm-missing-remedy = Install `helm` into the PATH of firstlight, or point `bootstrap.helm` in the profile at it.
error-bootstrap-failed-meaning = The bootstrap failed; the sentence names what was seen in the cluster.
error-bootstrap-failed-remedy = Correct what was seen in the cluster, then run again: what is already in place is kept.
error-bootstrap-timeout-meaning = The bootstrap did not finish in the time that the profile allows; it may still be running.
error-bootstrap-timeout-remedy = Run again to go on waiting; where what was seen does not pass by itself, correct it first.
error-not-ready-meaning = The bootstrap finished, but the appliance did not become ready in time.
error-not-ready-remedy = Run again to go on waiting; the message names what did not answer.
error-login-refused-meaning = The appliance is up, but refuses the login with the administrator's e-mail address and the password that was given.
error-login-refused-remedy = Run again: signing in is tried anew, and nothing is written twice. If it is refused again, tell the vendor: the bootstrap has made the account otherwise, or the profile says wrongly how to sign in (`ready`). An appliance that had its accounts before keeps their passwords.
error-service-unusable-meaning = A unit that the profile wants started is not on this machine, is masked, or has a file that systemd cannot use.
error-service-unusable-remedy = Install or correct the unit, or correct `service` in the profile.
error-service-failed-meaning = A service of this machine was started with what the setup has made, and failed.
error-service-failed-remedy = Look at `systemctl status` and `journalctl -u` of the unit, correct what is seen there, and run again: what is already in place is kept.
error-service-timeout-meaning = A service of this machine did not become active in the time that the profile allows; it may still be starting.
error-service-timeout-remedy = Run again to go on waiting; where what was seen does not pass by itself, correct it first.
error-systemd-unusable-meaning = The profile wants services of this machine started, and systemd cannot be asked to.
error-systemd-unusable-remedy = Run firstlight as root on a machine that runs systemd with the system's bus (`dbus`), or take `service` out of the profile; then run again.
error-disk-low-meaning = There is too little free disk space.
error-disk-low-remedy = Free the amount named, or attach a larger disk, and run again.
error-memory-low-meaning = There is too little free memory.
error-memory-low-remedy = Give the machine the amount named and run again.
error-threads-low-meaning = No more threads can be started: the machine, or a limit that this process is under, has no room for them.
error-threads-low-remedy = End what takes them, or raise the limit (`ulimit -u`, `TasksMax=` of a systemd unit, a container's limit of pids), and run again. Nothing was begun.
error-state-unwritable-meaning = The state directory cannot be written, and without it a power cut could lose the code.
error-state-unwritable-remedy = Free disk space or correct the permissions of the directory named, and run again. A code that was not sent stays good.
error-state-volatile-meaning = The state directory lies in memory. A power cut or a restart would lose what the install code was spent for.
error-state-volatile-remedy = Mount a disk at the place named, or install the system on one before it is set up. Where it is only tried out, `machine.volatile-state = true` in the profile lets it pass.
error-journal-unreadable-meaning = The journal of an earlier run exists but cannot be read.
error-journal-unreadable-remedy = Keep the file, and keep it secret: it may hold the only copy of a grant, in clear. Update firstlight, or ask the vendor's support to reissue the code; they do not need the file.
error-sign-in-needed-meaning = This appliance has been set up. On its own terminal it is shown and changed only for whoever signs in with the administrator's password as it was chosen at setup.
error-sign-in-needed-remedy = Start firstlight again and sign in. Whoever is root on this machine can run the same command without a terminal (a setup with `--answers FILE`), and is not asked.
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
exit-25 = ask the vendor (the license service refused for a reason of its own)
exit-30 = Kubernetes cannot be reached
exit-31 = Kubernetes refused (permissions, admission)
exit-32 = this cluster belongs to another tenant
exit-33 = this machine was set up with another code: type that one, or say that this one shall be used
exit-34 = a key of this machine's own is lost, or its copies contradict each other: restore the right one
exit-40 = the bootstrap failed: see the cause
exit-41 = the bootstrap did not become ready in time
exit-50 = this machine: disk, permissions, memory
exit-51 = this machine: the clock is wrong
exit-70 = a defect: send the report
exit-130 = stopped by the operator, nothing lost
