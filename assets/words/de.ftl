# Every text of en.ftl in German.

## Frame
step-of = { $step }/{ $steps }
more-down = mehr: Ab
more-page-down = mehr: Bild ab
help-from = Hilfe: { $support }.
# Ergänzt „der Code steht in …“, und ist das Subjekt von „… hilft“.
brand-code-source = der E-Mail „Your install code“
brand-support = der Support des Herstellers
answer-left-out = { $answer } aus der Antwortdatei wurde ausgelassen: { $reason }
recording-lost = Die Aufzeichnung endet hier ({ $reason }). Die Einrichtung geht weiter.

## What the keys do
key-begin = Beginnen
key-next = Weiter
key-start = Starten
key-try-again = Nochmal
key-edit = Ändern
key-leave = Verlassen
key-stop = Anhalten
key-stay = Bleiben
key-go-on = Fortfahren
key-back = Zurück
key-change = Ändern
key-next-field = Feld
key-show = Zeigen
key-check-again = Prüfen
key-language = Sprache
key-network = Netz
key-help = Hilfe
key-log = Log
key-close = Schließen
key-why = Warum
key-report = Bericht
key-pick = Wählen

## Names of keys; those that are not here have the same name in every language
keyname-ctrl = Strg
keyname-shift = Umschalt
keyname-backspace = Rück
keyname-del = Entf
keyname-home = Pos1
keyname-end = Ende
keyname-up = Auf
keyname-down = Ab
keyname-left = Links
keyname-right = Rechts
keyname-page-up = Bild auf
keyname-page-down = Bild ab

## Fields
label-code = Installationscode
label-first-name = Vorname
label-last-name = Nachname
label-email = E-Mail-Adresse
label-company = Firma (freiwillig)
label-password = Passwort
label-again = Passwort nochmals
label-hostname = Rechnername
label-answer = Ihre Antwort
field-full = mehr als { $most } Zeichen haben keinen Platz: Löschen Sie zuerst eines
field-long = der Text hat { $have } Zeichen, und für { $room } ist Platz
field-control = an Stelle { $position } steht ein Zeilenumbruch oder Steuerzeichen
field-unseen = an Stelle { $position } steht ein unsichtbares Zeichen oder ungewöhnliches Leerzeichen (`{ $character }`)
field-no-digit = `{ $character }` ist keine Ziffer; hier gehen nur 0-9
field-nothing-pasted = { $reason }; nichts wurde eingefügt
line-empty = { $label } fehlt
line-long = { $label } hat { $have } Zeichen; höchstens { $most } sind erlaubt
line-unseen = { $label } hat ein unsichtbares Zeichen oder Steuerzeichen ({ $character }) an Stelle { $position }
answer-refused = diese Antwort wurde zurückgewiesen: { $id }
pasted-replaced = der eingefügte Code hat die Eingabe ersetzt
pasted-found = der Code wurde im Text gefunden
pasted-cleaned = unsichtbare Zeichen im eingefügten Text wurden ausgelassen
pasted-line-break = der Zeilenumbruch am Ende des eingefügten Textes wurde ausgelassen
pasted-outer-space = der eingefügte Text beginnt oder endet mit einem Leerzeichen, das mitzählt

## Checks, in the line above the keys
checks-starting = Prüfungen: beginnen
checks-so-far = Prüfungen: bisher { $passed } bestanden{ $failed ->
        [0] { "" }
       *[other] , { $failed } nicht bestanden
    }
checks-passed = Prüfungen: { $passed } von { $total } bestanden{ $failed ->
        [0] { "" }
       *[other] , { $failed } nicht bestanden
    }
checks-all-passed = { $passed ->
        [one] Prüfungen: { $passed } bestanden
       *[other] Prüfungen: alle { $passed } bestanden
    }
checks-some-left = Prüfungen: { $passed } bestanden, { $left } nicht gemacht; die Übersicht sagt, warum
checks-not-made = Prüfungen: nicht gemacht ({ $id })
checks-again-key = ; erneut in { $pause } (F5: jetzt)
checks-again = ; erneut in { $pause }
checks-again-now = ; werden wiederholt

## Questions before leaving
leave-title = Die Einrichtung verlassen?
leave-nothing-changed = Dieser Lauf hat nichts verändert und nichts gesendet. Ihre Eingaben werden vergessen.
leave-unfinished-title = Die unfertige Einrichtung verlassen?
leave-nothing-lost = Nichts geht verloren: Der nächste Lauf macht dort weiter.
stop-title = Die Einrichtung anhalten?
stop-too-late = Die Einrichtung ist inzwischen zu Ende: Es gibt nichts mehr anzuhalten.
stop-nothing-lost = Nichts geht verloren: Was nicht unterbrochen werden darf, wird zu Ende geführt, und der nächste Lauf macht dort weiter.
state-no-step = Noch kein Schritt ist fertig.
state-finished = Fertig sind: { $steps }.
state-code-used = Der Installationscode ist verbraucht, und was dafür kam, ist aufbewahrt.
state-code-not-sent = Der Installationscode wurde nicht gesendet.
state-code-refused = Der Lizenzdienst hat den gesendeten Installationscode zurückgewiesen.
state-code-perhaps-sent = Der Installationscode wurde vielleicht gesendet; der nächste Lauf findet es heraus und braucht keinen anderen.

## Welcome
welcome-title = Willkommen
welcome-what = Hier wird { $brand } auf dieser Maschine eingerichtet.
welcome-language = Sprache: < { $language } > (Links und Rechts wechseln sie)
welcome-language-plain = Sprache: { $language }
welcome-need = Sie brauchen:
welcome-need-code = den Installationscode; er steht in { $source }
welcome-need-administrator = Name und E-Mail-Adresse des Administrators
welcome-need-password = ein Passwort für den Administrator, das Sie jetzt wählen
welcome-nothing-yet = Nichts wird verändert, bevor Sie es auf der Übersicht bestätigen. Der Installationscode wird als Letztes gesendet, nachdem alles versucht wurde, was fehlschlagen kann.
welcome-checks = Inzwischen wird diese Maschine geprüft; die Zeile unten sagt, wie weit das ist.
welcome-checks-plain = Inzwischen wird diese Maschine geprüft; was dabei gefunden wird, steht hier.

## Keyboard
keyboard-title = Tastatur
keyboard-why = Welche Tastatur ist das? Was Sie später eingeben, vor allem das Passwort, wird mit dieser Belegung gelesen.
keyboard-layout = Belegung
keyboard-as-found = leer: die Belegung, die jetzt gilt
keyboard-loading = `{ $layout }` wird geladen
keyboard-loaded = `{ $layout }` gilt jetzt: Probieren Sie es unten aus
keyboard-failed = die Belegung ließ sich nicht laden: { $reason }
keyboard-unknown = keine Belegung dieser Maschine heißt `{ $layout }`
keyboard-trial = Hier ausprobieren
keyboard-trial-what = was Sie hier eingeben, wird nicht behalten
keyboard-how = Geben Sie einen Namen wie us, uk, de oder fr ein, oder wählen Sie mit Auf und Ab; Enter verwendet ihn.
keyboard-how-plain = Geben Sie einen Namen wie us, uk, de oder fr ein; mit einer leeren Zeile geht es weiter.

## Network
network-title = Netz
network-why = Eine Prüfung ist am Netz gescheitert. So sieht diese Maschine es:
network-seen = So sieht diese Maschine ihr Netz:
network-host-name = Rechnername
network-interfaces = Anschlüsse
network-no-address = verbunden, ohne Adresse
network-not-connected = nicht verbunden
network-none = keine
network-gateway = Gateway
network-name-servers = DNS-Server
network-license-service = Lizenzdienst
network-change = Auf dieser Seite lässt sich nichts ändern. Ändern Sie das Netz mit den Werkzeugen dieser Maschine (nmtui, netplan) oder an ihrem DHCP-Server; danach prüft F5 von Neuem.

## Install code
code-title = Installationscode
code-how = Geben Sie den Installationscode ein, oder fügen Sie die Zeile der E-Mail ein, in der er steht. Großschreibung, Leerzeichen und Striche sind gleichgültig.
code-typed = { $have } von { $want } Zeichen
code-complete = sieht vollständig aus; geprüft wird er, wenn Sie bestätigen
code-where = Ihr Installationscode steht in { $source }.
code-looks = Er sieht aus wie { $shape } und besteht aus den Zeichen { $allowed }.
code-once = Er sagt, wem diese Appliance gehören wird, und gilt einmal. Gesendet wird er erst, wenn Sie auf der Übersicht bestätigt haben und alle Prüfungen bestanden sind.
code-none = Kein Code, oder er wird abgelehnt? Dann hilft { $support }.
code-empty = der Installationscode ist leer
code-character = `{ $character }` an Stelle { $position } kommt in Installationscodes nicht vor; erlaubt sind { $allowed }
code-short = der Installationscode ist unvollständig: { $have } von { $want } Zeichen
code-long = der Installationscode ist zu lang: { $have } Zeichen statt { $want }
code-nowhere = im Text steht kein Installationscode
code-line-refused = { $reason }: Drücken Sie die Rücktaste, und geben Sie dann nur den Code ein
code-several = { $count } verschiedene Installationscodes kommen in Frage

## Administrator
administrator-title = Administrator
administrator-who = Wer wird die Appliance verwalten?
administrator-first-account = Daraus wird das erste Konto. Sein Inhaber meldet sich mit der E-Mail-Adresse an; sie muss also eine sein, die gelesen wird.
email-empty = Die E-Mail-Adresse fehlt
email-form = Das ist keine E-Mail-Adresse der Form `name@example.com`
administrator-company = Firma: der Name, unter dem Sie beim Hersteller registriert sind. Bleibt sie leer, gilt der, den der Lizenzdienst zu Ihrem Code hat.

## Password
password-title = Passwort
password-differs = Die beiden Passwörter sind verschieden: bitte beide neu eingeben
password-must-have = Das Passwort braucht { $rules }
rule-min-length = mindestens { $least } Zeichen
rule-max-length = höchstens { $most } Zeichen
rule-no-control = keine Steuerzeichen
rule-not-uniform = mindestens zwei verschiedene Zeichen
password-choose = Wählen Sie das Passwort des Administrators.
password-same-twice = zweimal gleich eingegeben
password-hidden = F2 oder Strg-R zeigt die Eingabe.
password-hidden-plain = Was Sie eingeben, wird nicht angezeigt.
password-shown = Das Passwort ist sichtbar: F2 oder Strg-R verbirgt es.
password-keep = Leerzeichen zählen. Nach dieser Seite wird es nicht mehr gezeigt; bewahren Sie es dort auf, wo Sie Passwörter aufbewahren.
strength-is = Stärke { $score } von { $most } [{ $bar }] { $name }
strength-0 = sehr schwach
strength-1 = schwach
strength-2 = mäßig
strength-3 = gut
strength-4 = stark
weak-key-row = Gerade Tastenreihen sind leicht zu erraten.
weak-key-pattern = Kurze Tastenmuster sind leicht zu erraten.
weak-repeat = Wiederholungen wie `aaa` sind leicht zu erraten.
weak-repeats = Wiederholungen wie `abcabcabc` sind kaum schwerer zu erraten als `abc`.
weak-top-10 = Das ist eines der zehn häufigsten Passwörter.
weak-top-100 = Das ist eines der hundert häufigsten Passwörter.
weak-common = Das ist ein sehr häufiges Passwort.
weak-similar = Das gleicht einem häufigen Passwort.
weak-sequence = Folgen wie `abc` oder `6543` sind leicht zu erraten.
weak-year = Jahreszahlen der letzten Zeit sind leicht zu erraten.
weak-word = Ein einzelnes Wort ist leicht zu erraten.
weak-date = Datumsangaben sind oft leicht zu erraten.
weak-name = Ein einzelner Name ist leicht zu erraten.
weak-names = Häufige Namen sind leicht zu erraten.
better-words = Nehmen Sie einige Wörter, aber keine geläufige Wendung.
better-no-symbols = Sonderzeichen, Ziffern und Großbuchstaben sind nicht nötig.
better-more-words = Fügen Sie ein, zwei Wörter hinzu; seltene sind besser.
better-than-a-capital = Ein Großbuchstabe am Anfang hilft kaum.
better-than-capitals = Lauter Großbuchstaben helfen kaum.
better-than-reversed = Rückwärts geschriebene Wörter sind kaum schwerer zu erraten.
better-than-substitutes = Ersetzungen wie `@` für `a` helfen kaum.
better-key-pattern = Nehmen Sie ein längeres Tastenmuster mit mehr Richtungswechseln.
better-no-repeats = Vermeiden Sie wiederholte Wörter und Zeichen.
better-no-sequences = Vermeiden Sie Folgen.
better-no-years = Vermeiden Sie Jahreszahlen der letzten Zeit.
better-no-own-years = Vermeiden Sie Jahreszahlen, die mit Ihnen zu tun haben.
better-no-own-dates = Vermeiden Sie Datumsangaben und Jahreszahlen, die mit Ihnen zu tun haben.
caps-on = Die Feststelltaste ist an.
caps-perhaps = Alle Buchstaben sind groß: Vielleicht ist die Feststelltaste an.
keyboard-moved = Diese Zeichen liegen auf anderen Tastaturen anderswo: { $characters }
keyboard-moved-hidden = Das Passwort hat Zeichen, die auf anderen Tastaturen woanders liegen (etwa y, z und Satzzeichen).
keyboard-lacking = Diese Zeichen fehlen vielleicht an einer Anmeldekonsole: { $characters }
keyboard-lacking-hidden = Es hat Zeichen, die an einer Anmeldekonsole vielleicht fehlen (Buchstaben außer a bis z).

## Address
address-title = Adresse
address-how = Unter welchem Namen wird die Appliance erreicht?
address-url = Die Adresse der Appliance wird { $url }
address-dns = Der Name muss zu dieser Maschine führen: Tragen Sie ihn jetzt oder später in Ihren Namensdienst (DNS) ein.
hostname-empty = Der Rechnername ist leer: Geben Sie einen Namen wie `appliance.example.com` ein
hostname-address = Das ist eine Adresse; gebraucht wird ein Name wie `appliance.example.com`
hostname-malformed = Das ist kein Rechnername wie `appliance.example.com`: Buchstaben, Ziffern und innere Bindestriche, durch Punkte getrennt, ohne `https://`

## The vendor's own questions
answer-optional = Es geht auch ohne Antwort weiter.
answer-range = eine ganze Zahl von { $least } bis { $most }
answer-pattern = in der Form `{ $form }`
answer-secret = F2 oder Strg-R zeigt, was Sie eingegeben haben. Nach dieser Seite wird es nicht mehr gezeigt.
answer-secret-plain = Was Sie eingeben, wird nicht angezeigt, auch später nicht.
answer-itself = Die Antwort
answer-empty = Hier wird eine Antwort gebraucht
answer-choose = Wählen Sie eine davon mit Auf und Ab
answer-short = Die Antwort hat { $have } Zeichen; mindestens { $least } sind nötig
answer-long = Die Antwort hat { $have } Zeichen; höchstens { $most } sind erlaubt
answer-form = Die Antwort hat nicht die Form `{ $form }`
answer-number = Die Antwort muss eine ganze Zahl von { $least } bis { $most } sein
choice-none = keine Antwort
choice-yes = Ja
choice-no = Nein

## Review
review-title = Übersicht
review-irreversible = Enter startet die Einrichtung. Das verbraucht den Installationscode.
review-missing = Einige Antworten fehlen oder sind falsch. Enter führt zur ersten davon.
review-not-in-order = Noch ist nicht alles in Ordnung. Sie können trotzdem starten: Die Prüfungen werden zuerst wiederholt, und der Code wird nur gesendet, wenn sie bestanden sind.
review-company = Firma
review-company-default = wie beim Lizenzdienst
review-set = gesetzt
review-will-be-done = Was getan wird:
review-checks = Prüfungen:

## Steps
step-rehearse = Zuerst alles prüfen
step-redeem = Den Installationscode einlösen
step-secrets = Die Secrets schreiben
step-bootstrap = Den Bootstrap ausführen
step-ready = Auf die Appliance warten

## What each step will do, on the review
will-rehearse = Diese Maschine, der Lizenzdienst und Kubernetes werden geprüft; nichts wird verändert.
will-redeem = Der Installationscode wird an { $service } gesendet. Das verbraucht den Installationscode.
will-secrets = Die Secrets `{ $tenant }` und `{ $license }` werden in den Namespace `{ $namespace }` geschrieben.
will-administrator = Der erste Administrator ist { $name } <{ $email }>.
will-key = `{ $key }` in `{ $secret }` ist die Antwort auf { $question }: { $answer }.
will-key-hidden = `{ $key }` in `{ $secret }` ist die Antwort auf { $question }; sie wird nicht angezeigt.
will-key-none = `{ $key }` in `{ $secret }` entfällt: { $question } hat keine Antwort.
will-install = Das Chart `{ $chart }` wird als Release `{ $release }` installiert und bis zum Ende beobachtet.
will-value = Der Helm-Wert `{ $path }` ist { $answer }.
will-wait = Es wird gewartet, bis { $name } antwortet.

## Progress
progress-title = Fortschritt
progress-starting = Es geht los.
progress-stopping = Wird angehalten. Was nicht unterbrochen werden darf, wird zuerst zu Ende geführt.
progress-stopped = Die Einrichtung wurde angehalten. Nichts ist verloren.
progress-go-on = Enter versucht es noch einmal und macht dort weiter.
progress-failed = Die Einrichtung konnte nicht abgeschlossen werden.
progress-try-again = Enter versucht es noch einmal, ohne dass etwas neu eingegeben werden muss.
progress-profile = Ein berichtigtes Profil wird gelesen, wenn der Assistent neu geöffnet wird.
progress-edit-answer = E ändert die Antwort „{ $answer }“.
progress-edit-answers = E führt zu den Antworten.
progress-leave = Wer die Einrichtung jetzt verlässt, bekommt den Exit-Code { $code }: { $remedy }.
progress-changed = geändert: { $summary }
progress-unchanged = unverändert: { $summary }
progress-row-stopped = angehalten
progress-not-run = nicht ausgeführt, weil: { $reason }
progress-not-run-failed = nicht ausgeführt, weil `{ $step }` fehlgeschlagen ist
progress-not-run-stopped = nicht ausgeführt, weil der Lauf angehalten wurde
progress-attempt = Versuch { $attempt } in { $pause }
progress-attempt-now = Versuch { $attempt } beginnt
progress-checks-passed = { $passed } von { $total } Prüfungen bestanden
failure-cause = weil: { $cause }
failure-hint = Hinweis: { $hint }

## Help
help-title = Hilfe
help-type = in das Feld schreiben
help-left = ein Zeichen nach links
help-right = ein Zeichen nach rechts
help-word-left = ein Wort nach links
help-word-right = ein Wort nach rechts
help-home = an den Anfang des Feldes
help-end = an das Ende des Feldes
help-backspace = das Zeichen vor dem Cursor löschen
help-delete = das Zeichen unter dem Cursor löschen
help-kill-word = das Wort vor dem Cursor löschen
help-kill-before = alles vor dem Cursor löschen
help-kill-after = alles ab dem Cursor löschen
help-next = weiter zum nächsten Feld oder zur nächsten Seite
help-back = zurück; keine Antwort geht verloren
help-next-field = zum nächsten Feld, dann zu den Tasten ganz unten
help-previous-field = zum vorigen Feld
help-reveal = zeigen oder verbergen, was getippt wurde
help-check-again = die Prüfungen wiederholen
help-change = zur Seite „{ $page }“ und von dort zurück
help-start = die Einrichtung ausführen; nach einem Fehler noch einmal mit denselben Antworten
help-correct = die Antwort berichtigen, um die es bei dem Fehler geht, und zurückkehren
help-leave = verlassen, nach einer Rückfrage
help-stop = die Einrichtung anhalten, nach einer Rückfrage
help-yes = ja
help-no = nein
help-finish = verlassen
help-scroll = blättern
help-top = an den Anfang
help-bottom = an das Ende
help-language = die nächste Sprache
help-pick = zum nächsten Eintrag der Liste oder zum vorigen
help-next-choice = die nächste Taste der untersten Zeile wählen; Enter drückt sie dann
help-previous-choice = die vorige Taste der untersten Zeile wählen
help-help = diese Hilfe
help-log = alles, was getan wurde, Zeile für Zeile
help-close = schließen
help-causes = zeigen oder verbergen, was zu dem Fehler führte
help-report = einen Bericht für den Support speichern
help-redraw = den Bildschirm neu zeichnen

## Log
log-title = Log
log-place = Zeilen { $first }-{ $last } von { $lines }
log-dropped = { $lines ->
        [one] { $lines } ältere Zeile ist entfallen
       *[other] { $lines } ältere Zeilen sind entfallen
    }

## Report for support
report-saved = Ein Bericht für den Support liegt in `{ $path }`.
report-not-saved = Der Bericht konnte nicht gespeichert werden: { $why }

## Done
done-title = Fertig
done-what = { $brand } ist eingerichtet.
done-address = Die Adresse: { $address }
done-code = Das Quadrat enthält dieselbe Adresse, für die Kamera eines Telefons.
done-authority = Das Zertifikat der Appliance ist von „{ $authority }“ ausgestellt.
done-authority-of = Das Zertifikat von { $address } ist von „{ $authority }“ ausgestellt.
done-compare = Browser kennen diese Stelle nicht und warnen vor ihr. Vergleichen Sie, bevor Sie ihr vertrauen, ihren SHA-256-Fingerabdruck im Browser mit diesem:
done-next = Wie es weitergeht:
done-sign-in = Melden Sie sich als { $email } mit dem Passwort an, das Sie gewählt haben.
done-sign-in-as-before = Ein früherer Lauf hat die Appliance eingerichtet: Melden Sie sich mit der E-Mail-Adresse und dem Passwort an, die damals gewählt wurden.
done-answers-at = { $name } antwortet unter { $address }
done-code-used = Der Installationscode ist verbraucht; die Nachricht mit ihm kann gelöscht werden.

## Line by line (--plain)
plain-help = Hilfe
plain-commands = Eine Zeile, die nur aus einem dieser Wörter besteht, ist ein Befehl und keine Antwort.
plain-clear = Antwort leeren
plain-keep = Enter behält den Wert
plain-choose = Geben Sie die Nummer eines Eintrags ein, 1 bis { $most }
plain-unknown = Das kann hier nicht eingegeben werden. Möglich ist:
plain-waiting = noch nicht fertig: { $what }

## `firstlight explain`
explain-exit = Exit-Code { $code }: { $remedy }
explain-id = { $id } (Exit-Code { $code })
explain-means = bedeutet: { $meaning }
explain-to-do = zu tun: { $remedy }
explain-unknown = `{ $what }` ist weder eine Fehler-ID noch ein Exit-Code
explain-nearest = meinten Sie `{ $id }`? Im README steht jeder Exit-Code

## Errors by their ids: what each means, and what to do
error-usage-meaning = Die Befehlszeile ist nicht zu verstehen.
error-usage-remedy = Rufen Sie `firstlight --help` auf, und berichtigen Sie den Befehl.
error-answers-unreadable-meaning = Die Antwortdatei oder eine Datei, die sie nennt, konnte nicht gelesen werden.
error-answers-unreadable-remedy = Prüfen Sie den Pfad und ob der Benutzer, der firstlight ausführt, die Datei lesen darf.
error-answers-exposed-meaning = Eine Datei mit einem Geheimnis kann von anderen Benutzern gelesen werden.
error-answers-exposed-remedy = Führen Sie `chmod 600 FILE` aus (und übergeben Sie die Datei mit `chown` dem Benutzer, der firstlight ausführt), oder legen Sie das Passwort mit `password-file` in eine eigene Datei.
error-answers-invalid-meaning = Eine oder mehrere Antworten fehlen oder sind falsch; jede ist mit Zeile und Spalte aufgeführt.
error-answers-invalid-remedy = Berichtigen Sie die aufgeführten Antworten. `firstlight answers check FILE` wiederholt die Prüfung ohne Nebenwirkungen.
error-profile-unreadable-meaning = Das Profil konnte nicht gelesen werden.
error-profile-unreadable-remedy = Prüfen Sie den Pfad, der mit `--profile` angegeben ist, und seine Zugriffsrechte.
error-profile-invalid-meaning = Eine oder mehrere Einstellungen des Profils fehlen oder sind falsch; jede ist mit Zeile und Spalte aufgeführt.
error-profile-invalid-remedy = Berichtigen Sie die aufgeführten Einstellungen. `firstlight profile check FILE` wiederholt die Prüfung.
error-profile-file-meaning = Eine Datei, die das Profil nennt (eine CA, ein Schlüssel), fehlt oder ist nicht, was sie sein soll.
error-profile-file-remedy = Legen Sie die Datei dorthin, wo sie nach dem Profil liegen soll, oder berichtigen Sie das Profil.
error-chart-unreadable-meaning = Das Bootstrap-Chart, das im Profil steht, kann nicht gelesen werden.
error-chart-unreadable-remedy = Prüfen Sie `bootstrap.chart` im Profil: Dort steht ein Chart-Ordner oder ein gepacktes Chart (`.tgz`).
error-other-service-meaning = Ein früherer Lauf hat diesen Installationscode bei einem anderen Lizenzdienst eingelöst als dem, den das Profil nennt. An den im Profil wurde er nicht gesendet, und die Freigabe ist im Journal aufbewahrt.
error-other-service-remedy = Berichtigen Sie `license.url` im Profil, um mit der aufbewahrten Freigabe weiterzumachen, oder geben Sie einen Code des Dienstes ein, den das Profil nennt.
error-chart-refused-meaning = Helm hat den Bootstrap ohne Wirkung erprobt und das Chart oder seine Werte abgelehnt.
error-chart-refused-remedy = Berichtigen Sie, was Helm nennt: im Chart, in `bootstrap.values` des Profils oder in den Antworten; wiederholen Sie dann den Lauf.
error-code-unknown-meaning = Der Lizenzdienst kennt diesen Installationscode nicht: Er ist falsch eingegeben, oder er wurde widerrufen, als ein neuerer ausgestellt wurde.
error-code-unknown-remedy = Vergleichen Sie den Code mit der E-Mail, in der er kam, und berichtigen Sie ihn. Gibt es eine neuere E-Mail, verwenden Sie den Code aus dieser.
error-code-expired-meaning = Der Installationscode war einmal richtig, aber seine Zeit ist abgelaufen.
error-code-expired-remedy = Bitten Sie den Hersteller, den Installationscode für diesen Mandanten neu auszustellen, und wiederholen Sie den Lauf mit dem neuen.
error-code-used-meaning = Der Installationscode wurde schon verwendet, von dieser Appliance oder von einer anderen.
error-code-used-remedy = Bitten Sie den Hersteller, den Installationscode für diesen Mandanten neu auszustellen; nennen Sie ihm die Appliance-ID, die beim Fehler steht.
error-license-unavailable-meaning = Der Lizenzdienst kann jetzt nicht antworten: Er ist außer Betrieb oder überlastet, oder er hat nicht rechtzeitig geantwortet.
error-license-unavailable-remedy = Wiederholen Sie den Lauf später: Der Code ist aufbewahrt, und ihn noch einmal zu senden schadet nicht.
error-license-answer-meaning = Etwas hat anstelle des Lizenzdienstes geantwortet, oder diese Version versteht die Antwort des Dienstes nicht.
error-license-answer-remedy = Suchen Sie zwischen dieser Maschine und dem Dienst nach einer Anmeldeseite des Netzes (Captive Portal) oder einem Proxy. Gibt es keines von beiden, sagen Sie es dem Hersteller; den Code später noch einmal zu senden schadet nicht.
error-name-resolution-meaning = Der Rechnername des Lizenzdienstes lässt sich nicht auflösen.
error-name-resolution-remedy = Berichtigen Sie die DNS-Server dieser Maschine, oder fragen Sie den Administrator des Netzes; wiederholen Sie dann den Lauf.
error-tls-untrusted-meaning = Das Zertifikat, das für den Lizenzdienst vorgelegt wurde, stammt von einer Stelle, der diese Maschine nicht vertraut; bei Proxys, die TLS mitlesen, ist das so.
error-tls-untrusted-remedy = Bitten Sie den Administrator des Netzes, den Lizenzdienst vom Mitlesen auszunehmen, oder nehmen Sie die genannte Stelle in den Zertifikatsspeicher dieser Maschine oder in `license.ca-file` auf.
error-tls-failed-meaning = Die TLS-Verbindung zum Lizenzdienst kam nicht zustande.
error-tls-failed-remedy = Suchen Sie zwischen dieser Maschine und dem Lizenzdienst nach Proxys oder Firewalls, die TLS stören.
error-kubernetes-unreachable-meaning = Der API-Server von Kubernetes hat nicht in der Zeit geantwortet, die das Profil lässt.
error-kubernetes-unreachable-remedy = Prüfen Sie, ob Kubernetes auf dieser Maschine läuft (bei k3s: `systemctl status k3s`) und ob die Kubeconfig seine Adresse nennt.
error-kubeconfig-invalid-meaning = Die Kubeconfig kann nicht gelesen oder verwendet werden.
error-kubeconfig-invalid-remedy = Berichtigen Sie den Pfad mit `--kubeconfig` oder im Profil, oder lassen Sie Kubernetes die Datei neu schreiben.
error-kubernetes-forbidden-meaning = Dem Benutzer der Kubeconfig fehlen Rechte, die die Einrichtung braucht; jedes ist aufgeführt.
error-kubernetes-forbidden-remedy = Verwenden Sie die Kubeconfig des Administrators, oder erteilen Sie die aufgeführten Rechte.
error-kubernetes-refused-meaning = Der API-Server hat eine Anfrage abgelehnt: Admission, Quota oder ungültige Zugangsdaten.
error-kubernetes-refused-remedy = Lesen Sie den Grund, den er nennt; berichtigen Sie die Richtlinie oder die Zugangsdaten der Kubeconfig, und wiederholen Sie den Lauf.
error-namespace-terminating-meaning = Der Namespace wird gerade gelöscht; darum kann in ihm nichts angelegt werden.
error-namespace-terminating-remedy = Warten Sie, bis `kubectl get namespace` ihn nicht mehr aufführt (oder beseitigen Sie, was ihn aufhält), und wiederholen Sie dann den Lauf.
error-field-conflict-meaning = Ein anderes Programm verwaltet oder ändert, was firstlight schreiben muss; wenn bekannt ist, welches, ist es genannt.
error-field-conflict-remedy = Sorgen Sie dafür, dass dieses Programm das Objekt nicht mehr verwaltet oder die genannten Felder aufgibt, und wiederholen Sie den Lauf. Löschen Sie kein Secret, in dem ein Mandant steht.
error-not-persisted-meaning = Ein Objekt, das aus dem Cluster zurückgelesen wurde, ist anders, als es geschrieben wurde.
error-not-persisted-remedy = Suchen Sie nach einem Admission-Webhook oder Controller, der in diesem Namespace Secrets verändert. Die Freigabe ist im Journal aufbewahrt; wiederholen Sie den Lauf, wenn das behoben ist.
error-other-tenant-meaning = Der Cluster gehört schon einem anderen Mandanten als dem, für den der Code ausgestellt wurde. Nichts wurde überschrieben, und die Freigabe ist im Journal aufbewahrt.
error-other-tenant-remedy = Verwenden Sie einen Code für den Mandanten, dem der Cluster gehört, oder installieren Sie den Cluster neu, wenn er den Besitzer wechseln soll; dann gilt die aufbewahrte Freigabe, ohne einen neuen Code.
error-helm-missing-meaning = Der Bootstrap braucht den Befehl `helm`, und der wurde nicht gefunden oder ist zu alt.
error-helm-missing-remedy = Installieren Sie `helm` in den PATH von firstlight, oder geben Sie mit `bootstrap.helm` im Profil an, wo es liegt.
error-bootstrap-failed-meaning = Der Bootstrap ist fehlgeschlagen; der Satz nennt, was im Cluster zu sehen war.
error-bootstrap-failed-remedy = Folgen Sie dem Hinweis, der beim Fehler steht, und wiederholen Sie dann den Lauf: Was schon da ist, bleibt.
error-bootstrap-timeout-meaning = Der Bootstrap wurde nicht in der Zeit fertig, die das Profil lässt; vielleicht läuft er noch.
error-bootstrap-timeout-remedy = Wiederholen Sie den Lauf, um weiter zu warten, oder folgen Sie dem Hinweis, der beim Fehler steht.
error-not-ready-meaning = Der Bootstrap wurde fertig, aber die Appliance wurde nicht rechtzeitig bereit.
error-not-ready-remedy = Wiederholen Sie den Lauf, um weiter zu warten; die Meldung nennt, was nicht geantwortet hat.
error-disk-low-meaning = Auf der Platte ist zu wenig Platz frei.
error-disk-low-remedy = Machen Sie so viel frei, wie genannt ist, oder schließen Sie eine größere Platte an, und wiederholen Sie den Lauf.
error-memory-low-meaning = Es ist zu wenig Arbeitsspeicher frei.
error-memory-low-remedy = Geben Sie der Maschine so viel, wie genannt ist, und wiederholen Sie den Lauf.
error-state-unwritable-meaning = In das Zustandsverzeichnis lässt sich nicht schreiben, und ohne es könnte der Code bei einem Stromausfall verloren gehen.
error-state-unwritable-remedy = Machen Sie Platz auf der Platte, oder berichtigen Sie die Zugriffsrechte des genannten Verzeichnisses, und wiederholen Sie den Lauf. Ein Code, der nicht gesendet wurde, bleibt gültig.
error-journal-unreadable-meaning = Das Journal eines früheren Laufs ist da, lässt sich aber nicht lesen.
error-journal-unreadable-remedy = Behalten Sie die Datei: Vielleicht steht in ihr die einzige Kopie einer Freigabe. Senden Sie sie an den Support des Herstellers, oder aktualisieren Sie firstlight.
error-already-running-meaning = Ein anderes firstlight arbeitet auf dieser Maschine.
error-already-running-remedy = Warten Sie, bis es fertig ist, oder gehen Sie an die Konsole, auf der es läuft.
error-clock-wrong-meaning = Die Uhr dieser Maschine geht falsch; Zertifikate und Tokens würden darum falsch beurteilt.
error-clock-wrong-remedy = Stellen Sie die Uhr (mit `timedatectl set-time`, oder indem Sie NTP in Ordnung bringen), und wiederholen Sie den Lauf.
error-defect-meaning = Etwas ist geschehen, was die Autoren des Programms für unmöglich hielten.
error-defect-remedy = Senden Sie die Fehlermeldung an den Support des Herstellers, dazu den Bericht, falls einer gespeichert wurde. Nichts ist verloren: Den Lauf zu wiederholen schadet nicht.
error-stopped-meaning = Der Lauf wurde vom Bediener oder durch ein Signal angehalten.
error-stopped-remedy = Wiederholen Sie den Lauf, wenn es passt: Nichts ist verloren, und was schon da ist, bleibt.

## Exit codes: what each asks for
exit-0 = fertig
exit-2 = die Befehlszeile berichtigen
exit-10 = die Antworten berichtigen
exit-11 = das Profil berichtigen
exit-20 = den Code berichtigen (unbekannt)
exit-21 = einen neuen Code anfordern (abgelaufen)
exit-22 = einen neuen Code anfordern (verbraucht)
exit-23 = später noch einmal versuchen (Lizenzdienst außer Betrieb)
exit-24 = das Netz in Ordnung bringen (DNS, Proxy, Mitlesen von TLS)
exit-30 = Kubernetes ist nicht zu erreichen
exit-31 = Kubernetes hat abgelehnt (Rechte, Admission)
exit-32 = dieser Cluster gehört einem anderen Mandanten
exit-40 = der Bootstrap ist fehlgeschlagen: siehe die Ursache
exit-41 = der Bootstrap wurde nicht rechtzeitig bereit
exit-50 = diese Maschine: Platte, Rechte, Arbeitsspeicher
exit-51 = diese Maschine: die Uhr geht falsch
exit-70 = ein Fehler im Programm: den Bericht senden
exit-130 = vom Bediener angehalten, nichts verloren
