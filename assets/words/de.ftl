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
key-take-over = Hier weiter
key-begin = Beginnen
key-next = Weiter
key-start = Starten
key-correct = Ergänzen
key-try-again = Nochmal
key-edit = Ändern
key-use-code = Verwenden
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
key-proxy = Proxy
key-keep = Behalten
key-take-back = Zurücknehmen
key-help = Hilfe
key-log = Log
key-camera = QR-Code
key-close = Schließen
key-why = Warum
key-report = Bericht
key-pick = Wählen
key-restart = Neu starten

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
label-url = Adresse
label-certificate = Zertifikatsdatei
label-certificate-key = Schlüsseldatei
label-certificate-password = Ihr Passwort
label-network-interface = Anschluss
label-network-vlan = VLAN
label-network-bond = Bond aus
label-network-bond-mode = Bond-Modus
label-network-addresses = Adresse
label-network-gateways = Gateway
label-network-name-servers = DNS-Server
label-network-search = Suchdomäne
label-network-time-servers = Zeitserver
label-change = Einen anderen Installationscode verwenden
label-install-disk = Platte zum Installieren
label-install-erase = Was davon verschwinden darf
label-report = Wo der Lauf mitgeteilt wird
label-report-token = Token dafür
label-clock = Uhr
label-proxy = Proxy
label-proxy-exceptions = Ohne ihn
label-proxy-ca = Seine Stelle
label-answer = Ihre Antwort
field-full = mehr als { $most } Zeichen haben keinen Platz: Löschen Sie zuerst eines
field-long = der Text hat { $have } Zeichen, und für { $room } ist Platz
field-control = an Stelle { $position } steht ein Zeilenumbruch oder Steuerzeichen
field-unseen = an Stelle { $position } steht ein unsichtbares Zeichen oder ungewöhnliches Leerzeichen (`{ $character }`)
field-no-digit = `{ $character }` ist keine Ziffer; hier gehen nur 0-9
field-nothing-pasted = { $reason }; nichts wurde eingefügt
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

## Anmelden
elsewhere-title = An einem anderen Terminal
elsewhere-unknown = einem anderen Terminal
elsewhere-leads = Diese Maschine wird an { $terminal } eingerichtet.
elsewhere-how = Mit Enter geht es stattdessen hier weiter. Was dort eingegeben wurde, bleibt dort, und niemand sieht es inzwischen.
elsewhere-wanted = Es wird gebeten, die Einrichtung abzugeben. Geschieht das nicht gleich, so führt es sie eben aus.
elsewhere-busy = Die Einrichtung wird an { $terminal } ausgeführt.
elsewhere-wait = Dort ist sie zu verfolgen. Wenn sie zu Ende ist, kann es hier weitergehen.
elsewhere-nobody = Niemand richtet diese Maschine noch an einem anderen Terminal ein.
elsewhere-itself = Diese Maschine richtet sich selbst ein: niemand muss etwas eingeben.
elsewhere-itself-how = Mit Enter kann sie stattdessen hier von Hand eingerichtet werden.
elsewhere-itself-wait = Wenn das fertig ist, kann sich hier jemand anmelden. Schlägt es fehl, so steht hier, woran es liegt.
elsewhere-free = Mit Enter geht es hier weiter.
proxy-title = Proxy
proxy-why = Wo kein Rechner dieses Netzes den Lizenzdienst selbst erreicht, führt der Weg hinaus über einen HTTP-Proxy.
proxy-exceptions-forms = Namen und alle darunter, Adressen und Netze, durch Kommas getrennt; diese Maschine und ihr Cluster gehören immer dazu
proxy-ca-forms = wo das Netz TLS öffnet und neu unterschreibt: der SHA-256-Fingerabdruck des Zertifikats, das das tut, wie die Netzverwaltung ihn nennt, oder der Pfad einer Datei, in der es steht; nie der, der nur hier gezeigt wird; none für niemanden mehr
proxy-ca-form = { $what } ist weder ein SHA-256-Fingerabdruck (32 Paare von Hexadezimalziffern) noch ein Pfad, der mit „/“ beginnt, noch `none`: „{ $text }“
proxy-ca-trusted = „{ $name }“ wird auf dem Weg hinaus vertraut (SHA-256 { $fingerprint })
proxy-ca-nobody = auf dem Weg hinaus wird niemandem vertraut, dem das System nicht von selbst vertraut
proxy-ca-none-shown = was für `{ $host }` gezeigt wird, kommt ohne das Zertifikat einer Zertifizierungsstelle, die dafür unterschreibt, also auch ohne das mit { $wanted }
proxy-ca-not-shown = der Fingerabdruck { $wanted } gehört zu keiner Zertifizierungsstelle, die für `{ $host }` gezeigt wird: das sind { $shown }
proxy-ca-not-shown-hint = vergleichen Sie ihn noch einmal mit dem, was die Netzverwaltung sagt; stimmt er, geben Sie statt seiner den Pfad einer Datei an, in der das Zertifikat steht; stimmt er nicht, hat sich jemand anderes in die Verbindung eingeschaltet
proxy-ca-unreadable = die Datei mit der Zertifizierungsstelle auf dem Weg hinaus lässt sich nicht lesen
proxy-ca-none = in `{ $path }` steht kein Zertifikat als PEM, oder eines, das keiner Zertifizierungsstelle gehört (`CA:TRUE`)
proxy-ca-none-hint = lassen Sie sich von der Netzverwaltung das Zertifikat der Stelle geben, die auf dem Weg hinaus unterschreibt, als PEM
proxy-ca-unkept = die Zertifizierungsstelle auf dem Weg hinaus lässt sich nicht für später behalten
proxy-forms = http://proxy.example.com:3128; mit Anmeldung http://BENUTZER:PASSWORT@…, worin alles, was kein Buchstabe und keine Ziffer ist, als % und zwei hexadezimale Ziffern steht; none für keinen Proxy mehr
proxy-under-way = er wird festgehalten …
proxy-on = Die Prüfungen werden noch einmal gemacht; weiter geht es zu dem, was sie finden.
proxy-how = Enter im letzten Feld lässt ihn von nun an und nach einem Neustart benutzen. Bleibt das erste Feld leer, bleibt der Weg, wie er ist.
proxy-used = der Weg hinaus führt über den Proxy `{ $proxy }`
proxy-unkept = der Proxy kann nicht für später festgehalten werden
proxy-unused = der Weg hinaus führt über keinen Proxy
clock-title = Uhr
clock-why = Nach einer Uhr, die falsch geht, werden Zertifikate und Tokens falsch beurteilt, und Zertifikate ausgestellt, die niemand annimmt.
clock-by = Gestellt nach
clock-names = license-service, ntp, oder Datum und Uhrzeit in UTC (2026-11-27 14:05)
clock-under-way = sie wird gestellt …
clock-on = Die Prüfungen werden noch einmal gemacht; weiter geht es zu dem, was sie finden.
clock-how = Pfeil auf und ab wählt. Nach der Uhr des Lizenzdienstes wird sie einmal gestellt; NTP stellt sie von da an.
clock-key = Mit T lässt sich die Uhr hier stellen.

sign-in-title = Anmelden
sign-in-finished = { $brand } ist auf dieser Maschine eingerichtet.
sign-in-why = Um es hier noch einmal einzurichten, zu ändern oder anzusehen, melden Sie sich mit dem Passwort des Administrators an, wie es bei der Einrichtung gewählt wurde. Eines, das seither im Produkt geändert wurde, gilt hier nicht.
sign-in-whose = Administrator: { $email }
sign-in-password = Passwort
sign-in-looking = es wird nachgesehen, ob diese Maschine eingerichtet ist
sign-in-checking = es wird mit dem verglichen, was aufbewahrt wurde
sign-in-wrong = Das ist nicht das Passwort, das bei der Einrichtung gewählt wurde.
sign-in-empty = Geben Sie das Passwort ein.
sign-in-wait = Das nächste kann in { $seconds } s versucht werden; ein Neustart verkürzt das nicht.
sign-in-unchecked = Es wurde nicht angesehen.
sign-in-failed = Niemand kann sagen, ob es stimmt: { $why } ({ $id }).
sign-in-nothing-kept = Auf dieser Maschine wird nichts aufbewahrt, womit das Passwort des Administrators zu vergleichen wäre.
sign-in-logged-in = Sie haben sich an dieser Maschine angemeldet, und das genügt.
sign-in-closed = Melden Sie sich an dieser Maschine an, und starten Sie firstlight dort; wo das System das nicht mitteilt, führen Sie es als root mit `--answers FILE` aus.
sign-in-otherwise = Ohne das Passwort: Wer auf dieser Maschine root ist, kann `firstlight --answers FILE` ausführen, das nach keinem fragt.
sign-in-first = diese Appliance ist eingerichtet, und niemand hat sich angemeldet
sign-in-unknowable = nichts wird aufbewahrt, womit das Passwort des Administrators zu vergleichen wäre, und niemand hat sich angemeldet
sign-in-defect = das Passwort konnte nicht verglichen werden

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
welcome-remote = Von einem anderen Rechner aus: ssh setup@{ $address }, Passwort { $password }
welcome-remote-address = ADRESSE
welcome-remote-key = Der Schlüssel, nach dem es fragt: { $fingerprint }
welcome-checks = Inzwischen wird diese Maschine geprüft; die Zeile unten sagt, wie weit das ist.
welcome-checks-plain = Inzwischen wird diese Maschine geprüft; was dabei gefunden wird, steht hier.

## Keyboard
keyboard-title = Tastatur
keyboard-why = Welche Tastatur ist das? Was Sie später eingeben, vor allem das Passwort, wird mit dieser Belegung gelesen.
keyboard-layout = Belegung
keyboard-as-found = leer: die Belegung, die jetzt gilt
keyboard-loading = `{ $layout }` wird geladen
keyboard-loaded = `{ $layout }` gilt jetzt: Probieren Sie es unten aus
keyboard-failed = { $reason }
keyboard-unknown = keine Belegung dieser Maschine heißt `{ $layout }`
keyboard-trial = Hier ausprobieren
keyboard-trial-what = was Sie hier eingeben, wird nicht behalten
keyboard-how = Geben Sie einen Namen wie us, uk, de oder fr ein, oder wählen Sie mit Auf und Ab; Enter verwendet ihn.
keyboard-how-plain = Geben Sie einen Namen wie us, uk, de oder fr ein; mit einer leeren Zeile geht es weiter.

## Seite für die Platte
disk-title = Platte
disk-name = Name der Platte
disk-why = Dieses System wurde vom Abbild gestartet, und was darin eingerichtet wird, endet mit dem Strom der Maschine. Bringen Sie es auf eine Platte dieser Maschine, damit es bleibt; oder probieren Sie es erst aus, und starten Sie neu, um zu installieren.
disk-looking = Die Platten dieser Maschine werden angesehen.
disk-unlisted = Welche Platten es gibt, lässt sich nicht sagen: { $reason }. { $hint }
disk-none = Diese Maschine hat keine Platte.
disk-how = Tippen Sie den Namen einer Platte, um darauf zu installieren, und drücken Sie Enter; oder drücken Sie nur Enter, um es auszuprobieren.
disk-unknown = Keine Platte heißt `{ $name }`.
disk-unfit = `{ $name }` passt nicht: { $why }.
disk-confirm = `{ $name }`: { $becomes }. Tippen Sie `{ $name }` noch einmal, um das zu bestätigen, und drücken Sie Enter; oder drücken Sie nur Enter, um zurückzugehen.
disk-installing = Die Platte wird beschrieben. Lassen Sie die Maschine eingeschaltet.
disk-failed = Es konnte nicht installiert werden:
disk-installed = Es ist installiert.
disk-installed-then = Herauszunehmen ist nichts: Auch mit dem Abbild im Laufwerk startet diese Maschine von der Platte. Dort geht die Einrichtung weiter. Drücken Sie Enter, um neu zu starten.
disk-restarting = Neustart.
disk-not-restarted = Die Maschine startet nicht von selbst neu ({ $reason }): Schalten Sie sie aus und wieder ein.
offer-empty = ist leer
offer-kept = die Daten einer Appliance darauf bleiben ({ $data }), ihr System wird neu gemacht
offer-begun = eine Installation wurde darauf begonnen und wird neu gemacht
offer-foreign = alles darauf verschwindet: { $content }
offer-stranded = alles darauf verschwindet, und mit ihm die Daten einer Appliance, die nicht erhalten bleiben können ({ $data }, neben { $content })

## Network
network-title = Netz
network-why = Eine Prüfung ist am Netz gescheitert. So sieht diese Maschine es:
network-seen = So sieht diese Maschine ihr Netz:
network-host-name = Rechnername
network-interfaces = Anschlüsse
network-no-address = verbunden, ohne Adresse
network-not-connected = nicht verbunden
network-none = keine
network-inner = { $count ->
        [one] und einer, den Container benutzen, oder niemand
       *[other] und { $count }, die Container benutzen, oder niemand
    }
network-gateway = Gateway
network-name-servers = DNS-Server
network-license-service = Lizenzdienst
network-change = Ändern Sie das Netz mit den Werkzeugen dieser Maschine (nmtui, netplan) oder an ihrem DHCP-Server; danach prüft F5 von Neuem. P nennt einen Proxy.
network-mend = E ändert es: Was Sie eingeben, wird zuerst ausprobiert und bleibt nur, wenn Sie es behalten. P nennt einen Proxy.
network-not-here = Hier lässt es sich nicht ändern: { $why }.
network-mend-how = Wie soll diese Maschine ihr Netz haben? Ohne Adresse bittet sie um eine (DHCP).
network-mend-last = Enter im letzten Feld probiert es eine halbe Minute lang aus. Kommas trennen mehrere; mehrere Anschlüsse arbeiten wie einer (Bond).
network-beginning = Das Netz wird gleich ausprobiert.
network-tried = Dieses Netz wird ausprobiert: noch { $seconds } s.
network-tried-how = Enter behält es, Esc nimmt es zurück. Das tut auch das Ende seiner Zeit, selbst wenn niemand mehr eine Taste drücken kann.
network-ending = Einen Augenblick.
network-is-kept = Dieses Netz bleibt, auch nach einem Neustart.
network-is-taken-back = Das Netz wurde zurückgenommen: diese Maschine hat das von vorher.
network-is-taken-back-late = Niemand hat das Netz in seiner Zeit behalten: diese Maschine hat das von vorher.

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
email-empty = die E-Mail-Adresse ist leer
email-form = das ist keine E-Mail-Adresse der Form `name@example.com`
administrator-company = Firma: der Name, unter dem Sie beim Hersteller registriert sind. Bleibt sie leer, gilt der, den der Lizenzdienst zu Ihrem Code hat.
administrator-company-required = Firma: der Name, unter dem Sie beim Hersteller registriert sind.

## Password
password-title = Passwort
password-differs = Die beiden Passwörter sind verschieden: bitte beide neu eingeben
password-must-have = für das Passwort gilt: { $rules }
rule-min-length = mindestens { $least } Zeichen
rule-max-length = höchstens { $most } Zeichen
rule-no-control = keine Steuerzeichen
rule-not-uniform = mindestens zwei verschiedene Zeichen
rule-lower = ein Kleinbuchstabe (a bis z)
rule-upper = ein Großbuchstabe (A bis Z)
rule-digit = eine Ziffer (0 bis 9)
rule-symbol = eines von { $symbols }
password-choose = Wählen Sie das Passwort des Administrators.
password-same-twice = zweimal gleich eingegeben
password-hidden = F2 oder Strg-R zeigt die Eingabe.
password-hidden-plain = Was Sie eingeben, wird nicht angezeigt.
password-shown = Das Passwort ist sichtbar: F2 oder Strg-R verbirgt es.
password-keep = Leerzeichen zählen. Nach dieser Seite wird es nicht mehr gezeigt; bewahren Sie es dort auf, wo Sie Passwörter aufbewahren.
strength-is = Stärke { $score } von { $most } [{ $bar }] { $name }
strength-because = { $strength }. { $sentences }
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
address-how-url = Unter welcher Adresse wird die Appliance erreicht? Zum Beispiel `http://192.168.1.50:3000`, oder ein Name an der Stelle der Zahlen.
address-url = Die Adresse der Appliance wird { $url }
address-dns = Der Name muss zu dieser Maschine führen: Tragen Sie ihn jetzt oder später in Ihren Namensdienst (DNS) ein.
address-dns-url = Ein Name darin muss zu dieser Maschine führen: Tragen Sie ihn jetzt oder später in Ihren Namensdienst (DNS) ein.
found-interface = Das ist die Adresse von { $interface }, worüber diese Maschine ihr Netz erreicht.
found-metadata = Das ist die Adresse, die die Cloud in ihren Instanz-Metadaten für diese Maschine angibt.
found-hostname = Das ist der Name dieser Maschine.

## Die Seite für ein eigenes Zertifikat
certificate-title = Zertifikat
certificate-who = Die Appliance hat eine eigene Zertifizierungsstelle, die ihr Zertifikat unterschreibt. Wenn Ihre Firma eine hat, vertrauen ihre Browser dieser schon: dann geben Sie ein Zertifikat von ihr für diese Adresse an. Alles hier darf leer bleiben.
certificate-what = Die Datei enthält das Zertifikat und die darüber bis zur Wurzel, als PEM oder PKCS #12. Der Schlüssel kann in derselben Datei sein oder als PEM in einer eigenen; das Passwort ist das, mit dem sie verschlüsselt sind, wenn sie es sind.
certificate-then = Gelesen wird es bei den Prüfungen: die Übersicht sagt, wessen es ist, bis wann es gilt, und seinen Fingerabdruck.
certificate-ours = von der eigenen Stelle der Appliance
certificate-file-first = sagen Sie erst, wo das Zertifikat liegt: dies gehört dazu

## The vendor's own questions
answer-optional = Es geht auch ohne Antwort weiter.
answer-range = eine ganze Zahl von { $least } bis { $most }
answer-pattern = in der Form `{ $form }`
answer-secret = F2 oder Strg-R zeigt, was Sie eingegeben haben. Nach dieser Seite wird es nicht mehr gezeigt.
answer-secret-plain = Was Sie eingeben, wird nicht angezeigt, auch später nicht.
answer-itself = Die Antwort
answer-choose = Wählen Sie eine davon mit Auf und Ab
choice-none = keine Antwort
choice-yes = Ja
choice-no = Nein

## Review
review-title = Übersicht
review-irreversible = Enter startet die Einrichtung. Das verbraucht den Installationscode.
review-changed = Der letzte Versuch ist gescheitert ({ $id }); seitdem wurde etwas geändert.
review-missing = Einige Antworten fehlen oder sind falsch. Enter führt zur ersten davon.
review-not-in-order = Noch ist nicht alles in Ordnung. Sie können trotzdem starten: Die Prüfungen werden zuerst wiederholt, und der Code wird nur gesendet, wenn sie bestanden sind.
review-company = Firma
review-company-default = wie beim Lizenzdienst
review-set = gesetzt
review-will-be-done = Was getan wird:
review-checks = Prüfungen:

## Steps
step-answers = Die Antworten finden
step-proxy = Den Proxy benutzen
step-clock = Die Uhr stellen
step-rehearse = Zuerst alles prüfen
step-network = Dieser Maschine ihr Netz geben
step-identity = Eigene Schlüssel der Appliance erzeugen
step-certificate = Ein eigenes Zertifikat zeigen
step-reconcile = Der Adresse folgen lassen, was von ihr abhängt
step-restart = Neu starten, was die Adresse liest
step-rotate = Einen Wert ersetzen
step-install-disk = Die Platte wählen
step-install-partitions = Die Platte in Partitionen teilen
step-install-system = Das System entpacken
step-install-boot = Die Platte starten lassen
step-redeem = Den Installationscode einlösen
step-secrets = Die Secrets schreiben
step-bootstrap = Den Bootstrap ausführen
step-services = Die Dienste dieser Maschine starten
step-ready = Auf die Appliance warten
step-scrub = Entfernen, was nur der Bootstrap gebraucht hat

## What each step will do, on the review
will-rehearse = Diese Maschine, der Lizenzdienst und Kubernetes werden geprüft; nichts wird verändert.
will-network = Das Netz dieser Maschine: { $network }. Es wird zuerst ausprobiert, und nach { $seconds } s zurückgenommen, wenn die Maschine damit weniger erreicht als vorher.
will-report = Was geschieht, wird { $url } mitgeteilt, ohne etwas Geheimes.
will-use-proxy = Den Weg zum Lizenzdienst über den Proxy `{ $proxy }` führen, auch später.
will-trust-shown = Der Zertifizierungsstelle mit dem SHA-256-Fingerabdruck { $fingerprint } auf dem Weg hinaus vertrauen, auch später.
will-trust-nobody = Auf dem Weg hinaus niemandem vertrauen, dem das System nicht von selbst vertraut, auch später.
will-trust-file = Der Zertifizierungsstelle in `{ $path }` auf dem Weg hinaus vertrauen, auch später.
will-use-no-proxy = Den Weg zum Lizenzdienst über keinen Proxy mehr führen, auch später.
will-set-clock = Die Uhr dieser Maschine nach der des Lizenzdienstes stellen, wenn sie falsch geht.
will-use-ntp = Die Uhr dieser Maschine durch NTP stellen lassen.
will-set-clock-to = Die Uhr dieser Maschine auf { $now } stellen.
will-redeem = Der Installationscode wird an { $service } gesendet. Das verbraucht den Installationscode.
will-redeem-change = Dieser Code wird verwendet, obwohl ein anderer diese Maschine eingerichtet hat; ein Code für einen anderen Mandanten wird abgelehnt.
will-generate = `{ $id }` einmal erzeugen, wenn es noch nicht da ist, und aufbewahren in { $targets }.
will-restart = { $names } neu starten, wenn die Adresse oder das Zertifikat wechselt.
will-own = Das Zertifikat in `{ $path }` zeigen: es kommt nach { $targets }.
will-renew = `{ $id }` für { $targets } erzeugen, und neu, sobald seine Zeit oder seine Namen nicht mehr passen.
will-rotate = `{ $id }` wird neu erzeugt in { $targets }.
will-invalidate = Damit nicht mehr brauchbar: { $loses }.
will-address = Die Adresse { $address } schreiben nach { $targets }.
will-secrets = { $count ->
        [one] Das Secret { $names } wird
       *[other] Die Secrets { $names } werden
    } in den Namespace `{ $namespace }` geschrieben.
will-config-maps = { $count ->
        [one] Die ConfigMap { $names } wird
       *[other] Die ConfigMaps { $names } werden
    } in den Namespace `{ $namespace }` geschrieben.
will-administrator = Der erste Administrator ist { $name } <{ $email }>.
will-plaintext-stays = Das Passwort bleibt im Secret `{ $secret }`, so wie es eingegeben wurde: Ohne Bootstrap weiß hier nichts, wann es gelesen ist. Was es liest, muss es auch entfernen.
will-scrub = Das Klartextpasswort aus dem Secret `{ $secret }` entfernen, sobald der Bootstrap es gelesen hat.
will-key = `{ $key }` in `{ $secret }` ist die Antwort auf { $question }: { $answer }.
will-key-hidden = `{ $key }` in `{ $secret }` ist die Antwort auf { $question }; sie wird nicht angezeigt.
will-key-none = `{ $key }` in `{ $secret }` entfällt: { $question } hat keine Antwort.
will-install = Das Chart `{ $chart }` wird als Release `{ $release }` installiert und bis zum Ende beobachtet.
will-value = Der Helm-Wert `{ $path }` ist { $answer }.
will-start = `{ $unit }` auf dieser Maschine starten, wenn es nicht läuft, und warten, bis es aktiv ist.
will-wait = Es wird gewartet, bis { $name } antwortet.
will-sign-in = Einmal als { $email } anmelden: { $name }.
will-not-sign-in = { $name } wird nicht versucht: das Passwort verließe diese Maschine ohne TLS.
will-look-for-absence = Nachsehen, ob { $name } nicht erreichbar ist, wie es sein muss.
will-not-wait = Auf { $name } wird nicht gewartet: dazu braucht es den Hostnamen der Appliance, der keine Antwort hat.

## Progress
progress-title = Fortschritt
progress-starting = Es geht los.
progress-stopping = Wird angehalten. Was nicht unterbrochen werden darf, wird zuerst zu Ende geführt.
progress-stopped = Die Einrichtung wurde angehalten. Nichts ist verloren.
progress-go-on = Enter versucht es noch einmal und macht dort weiter.
progress-failed = Die Einrichtung konnte nicht abgeschlossen werden.
progress-try-again = Enter versucht es noch einmal, ohne dass etwas neu eingegeben werden muss.
progress-use-code = U verwendet ihn trotzdem, über die Übersicht.
progress-profile = Ein berichtigtes Profil wird gelesen, wenn der Assistent neu geöffnet wird.
progress-edit-answer = E ändert die Antwort „{ $answer }“.
progress-edit-answers = E führt zu den Antworten.
progress-leave = Wer die Einrichtung jetzt verlässt, bekommt den Exit-Code { $code }: { $remedy }.
progress-changed = geändert: { $summary }
progress-unchanged = unverändert: { $summary }
progress-row-stopped = angehalten
progress-not-run = nicht ausgeführt: { $reason }
stop-waits = es soll angehalten werden: gewartet wird noch auf { $what }, höchstens { $seconds } s
hold-code = die Antwort des Lizenzdienstes zum Code
hold-secrets = die Secrets, bis sie geschrieben und zurückgelesen sind
hold-identity = dass die eigenen Schlüssel der Appliance geschrieben und zurückgelesen sind
hold-helm = das Ende von Helm
hold-helm-hook = das Ende von Helm, das auf den Job `{ $job }` wartet
not-run-failed = `{ $step }` ist fehlgeschlagen
not-run-stopped = der Lauf wurde angehalten
not-run-begun = der Lauf konnte nicht beginnen
not-run-broken = die Einrichtung brach ab
broken-off = die Einrichtung brach ab, ohne zu sagen, warum
progress-attempt = Versuch { $attempt } in { $pause }
progress-attempt-now = Versuch { $attempt } beginnt
progress-checks-passed = { $passed } von { $total } Prüfungen bestanden
failure-sentence = { $id }: { $message }
failure-cause = Ursache: { $cause }
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
help-mend = das Netz ändern
help-change = zur Seite „{ $page }“ und von dort zurück
help-start = die Einrichtung ausführen; nach einem Fehler noch einmal mit denselben Antworten
help-complete = zur ersten Antwort, die fehlt oder falsch ist, und zurück
help-correct = die Antwort berichtigen, um die es bei dem Fehler geht, und zurückkehren
help-use-code = diesen Installationscode verwenden, obwohl ein anderer diese Maschine eingerichtet hat
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
help-camera = die Adresse als QR-Code über den ganzen Bildschirm, für die Kamera eines Telefons
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
report-not-saved = Der Bericht konnte nicht gespeichert werden: { $why }. { $hint }

## Done
done-title = Fertig
done-what = { $brand } ist eingerichtet.
done-address = Die Adresse: { $address }
done-code = Das Quadrat enthält dieselbe Adresse, für die Kamera eines Telefons.
done-registered = Sie ist auf { $contact } registriert.
camera-no-room = Der QR-Code der Adresse passt nicht auf diesen Bildschirm: Er braucht { $columns } Spalten und { $rows } Zeilen.
camera-too-long = Die Adresse ist zu lang für einen QR-Code.
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
plain-hidden = Was Sie hier tippen, wird nicht angezeigt.
plain-choose = Geben Sie die Nummer eines Eintrags ein, 1 bis { $most }
plain-unknown = Das kann hier nicht eingegeben werden. Möglich ist:
plain-waiting = noch nicht fertig: { $what }

## Lines of a run without a wizard, of the plain wizard and of the log.
line-waiting = wartet
line-passed = ok
line-failed = FEHLER
line-skipped = offen
line-authority = das Zertifikat von { $url } ist von „{ $authority }“ ausgestellt, SHA-256 { $fingerprint }
line-registered = registriert auf { $contact }
line-retry = { $why }; Versuch { $attempt } in { $pause } s
line-changed = geändert: { $summary } ({ $took } s)
line-unchanged = unverändert: { $summary } ({ $took } s)
line-stopped = angehalten
line-not-run = nicht ausgeführt: { $step }; { $reason }
line-done = fertig
line-done-unchanged = fertig: nichts musste geändert werden
line-ended-stopped = angehalten: nichts ist verloren; zu gelegener Zeit noch einmal starten (Exit-Code 130)
line-ended = Exit-Code { $exit }; `firstlight explain { $id }` sagt mehr
because-of = { $message }: { $cause }
and-last = { $before } und { $last }
problem = { $place }{ $field }: { $message }
problem-with-hint = { $place }{ $field }: { $message }
    { "  " }Hinweis: { $hint }

## What cannot be begun
has-problems = { $count ->
        [one] { $what } hat ein Problem
       *[other] { $what } hat { $count } Probleme
    }
the-profile = das Profil { $path }
stdin = die Standardeingabe
stdin-no-answers = die Standardeingabe kann nicht als Antwortdatei gelesen werden
no-terminal = der Assistent braucht ein Terminal, und es gibt keines
no-terminal-hint = starten Sie firstlight auf einem Terminal, oder geben Sie die Antworten mit `--answers FILE` an
no-terminal-replay-hint = lassen Sie `--open` weg, dann werden die Bildschirme ausgegeben
no-wizard = `--record` zeichnet den Assistenten auf, und mit `--answers` gibt es keinen
no-wizard-hint = lassen Sie `--record` weg, oder öffnen Sie den Assistenten mit `--ask`
no-threads = es konnten keine Threads gestartet werden
no-signals = Signale können nicht empfangen werden
unattended-none = dieser Maschine sind keine Antworten gegeben: ohne jemanden, der sie eingibt, ist nichts zu tun
unattended-installed = Das Abbild ist installiert; diese Maschine startet neu und wird von ihrer Platte aus eingerichtet.
unattended-found = die Einrichtung wird mit den Antworten aus { $name } ausgeführt
unattended-passed-over = auch { $name } ist da und wird nicht angesehen: { $first } kommt zuerst
unattended-ignored = diese Maschine ist schon eingerichtet: die Antworten aus { $name } werden nicht verwendet
unattended-waits = es wird gewartet: { $why }
unattended-taken-over = jemand macht an einem Terminal dieser Maschine weiter: die Antworten, die ihr gegeben sind, werden nicht verwendet
unattended-begins = die Einrichtung wird ohne Terminal ausgeführt
unattended-step = { $title } (Schritt { $step } von { $steps })
supply-kernel = Kommandozeile des Kernels
supply-credential = Credential `{ $name }`
supply-volume = `{ $file }` auf dem Datenträger `{ $label }`
supply-told = `firstlight.answers` auf der Kommandozeile des Kernels ist nicht zu gebrauchen: { $why }
supply-no-volume = es gibt keinen Datenträger mit dem Namen `{ $label }`, auf dem nach der Kommandozeile des Kernels die Antworten sind
supply-unmounted = der Datenträger `{ $label }` ({ $device }) kann nicht eingehängt werden: { $why }
supply-no-file = der Datenträger `{ $label }` hat keine Datei `{ $file }`
supply-unreadable = die Antworten in { $name } können nicht gelesen werden
supply-user-data = die Antworten in `user-data` auf dem Datenträger `{ $label }` können nicht gelesen werden: { $why }
supply-silent = die Antworten unter { $url } sind nicht zu bekommen
supply-status = { $url } antwortet mit Status { $status } anstelle der Antworten
supply-too-long = { $url } antwortet mit mehr, als eine Antwortdatei sein kann (64 KiB)
supply-gone = die Antworten in { $name } sind nicht mehr da
scrub-done = der Installationscode und die Passwörter wurden aus { $name } entfernt
scrub-theirs = in { $name } stehen noch der Installationscode und die Passwörter, und diese Maschine kann daran nichts ändern: entfernen Sie sie dort, woher sie sind
scrub-read-only = in { $name } stehen noch der Installationscode und die Passwörter, und dort kann nicht geschrieben werden: nehmen Sie den Datenträger heraus, und vernichten Sie ihn, oder verwahren Sie ihn
scrub-failed = der Installationscode und die Passwörter konnten nicht aus { $name } entfernt werden: nehmen Sie den Datenträger heraus, und vernichten Sie ihn, oder verwahren Sie ihn
supply-silent-hint = prüfen Sie das Netz, die Adresse und den Server dort; starten Sie dann die Maschine neu, oder geben Sie die Antworten hier ein
supply-other-certificate-hint = vergleichen Sie diesen Fingerabdruck mit dem des Zertifikats des Servers (`openssl x509 -noout -fingerprint -sha256`): ist es derselbe, so gehört er auf die Kommandozeile des Kernels (`firstlight.answers-certificate`); wenn nicht, so steht jemand dazwischen
answers-at-form = `{ $text }` ist weder eine https-URL noch `LABEL=DATENTRÄGER:/DATEI` noch eine Datei dieser Maschine (`/…`)
answers-at-scheme = Antworten enthalten Geheimnisse und werden nur über https geholt, nicht über { $scheme }
answers-at-certificate-alone = `firstlight.answers-certificate` ist für eine https-URL in `firstlight.answers`, und da ist keine
user-data-misread = es ist YAML, das als solches nicht gelesen werden kann, oder `firstlight` ist darin kein Text (`firstlight: |`): { $why }
user-data-empty = hinter `firstlight` steht nichts
stopped-reading = ein Signal kam, bevor alles gelesen war; es wurde nichts begonnen
stopped-stuck = der Lauf endete nicht, als er angehalten werden sollte, und blieb, wie er war: nichts war im Gange, was nicht unterbrochen werden darf
terminal-unusable = das Terminal kann nicht benutzt werden
panicked = firstlight ist in einen Zustand geraten, den es nicht geben sollte
panicked-at = firstlight ist in einen Zustand geraten, den es nicht geben sollte ({ $place })
panic-waits = es wird gewartet, bis beendet ist, was nicht mittendrin abgebrochen werden darf
recording-nothing-written = das ist eine Aufzeichnung, für die nichts geschrieben wird
recording-log-here = lesen Sie das Log hier

## The license service
license-unresolved = der Name des Lizenzdienstes, `{ $host }`, lässt sich nicht auflösen
proxy-fault = die Umgebungsvariable `{ $variable }` nennt keinen Proxy: sie { $fault }
proxy-url = { $what } { $fault }
proxy-fault-quoted = beginnt oder endet mit einem Anführungszeichen, und das hat keine URL: lassen Sie die Anführungszeichen weg
proxy-fault-character = hat „{ $character }“ als { $place }. Zeichen, und das hat keine URL; in einem Benutzernamen oder Passwort schreibt man dafür `{ $escaped }`
proxy-fault-at = hat ein zweites „@“ als { $place }. Zeichen; in einem Benutzernamen oder Passwort schreibt man dafür `%40`
proxy-fault-scheme = verlangt `{ $scheme }`, und nur `http` und `https` gehen
proxy-fault-host = hat keinen Hostnamen
proxy-fault-port = hat einen Port, der keine Zahl von 1 bis 65535 ist
proxy-fault-address = hat Klammern um etwas, das keine IPv6-Adresse ist (eine mit Zone geht nicht)
proxy-unresolved = der Name des Proxys `{ $proxy }`, den `{ $variable }` nennt, kann nicht aufgelöst werden
proxy-unreachable = der Proxy `{ $proxy }`, den `{ $variable }` nennt, ist nicht erreichbar
proxy-credentials = der Proxy `{ $proxy }`, den `{ $variable }` nennt, verlangt einen Benutzer und ein Passwort (Status 407)
proxy-credentials-hint = schreiben Sie beide dorthin, wo der Proxy genannt wird (P auf der Netzseite, `[proxy]` der Antworten, oder die Variable), als `{ $variable }=http://USER:PASSWORD@HOST:PORT`, und was weder Buchstabe noch Ziffer ist, als `%` mit zwei Ziffern; oder nehmen Sie den Lizenzdienst mit `NO_PROXY` vom Proxy aus
proxy-credentials-refused = der Proxy `{ $proxy }`, den `{ $variable }` nennt, weist den Benutzer und das Passwort ab, die in der Variable stehen (Status 407)
proxy-credentials-refused-hint = berichtigen Sie beide; was weder Buchstabe noch Ziffer ist, schreibt man als `%` mit zwei Ziffern (`DOMAIN%5CUSER`); oder nehmen Sie den Lizenzdienst mit `NO_PROXY` vom Proxy aus
proxy-login = der Proxy `{ $proxy }`, den `{ $variable }` nennt, bietet zur Anmeldung nur { $schemes } an, und das kann firstlight nicht (Status 407)
proxy-login-hint = bitten Sie die Netzwerkverwaltung, diese Maschine ohne Anmeldung am Proxy zum Lizenzdienst durchzulassen, oder betreiben Sie auf dieser Maschine ein Relais, das die Anmeldung übernimmt, etwa cntlm oder px, und lassen Sie `{ $variable }` das Relais nennen
proxy-refused = der Proxy `{ $proxy }`, den `{ $variable }` nennt, lässt uns nicht zu `{ $target }` durch (Status { $status })
license-unreachable = der Lizenzdienst unter `{ $host }` ist nicht zu erreichen
license-closed = der Lizenzdienst unter `{ $host }` hat die Verbindung geschlossen, statt zu antworten
license-silent = der Lizenzdienst unter `{ $host }` hat nicht innerhalb von { $seconds } s geantwortet
license-untrusted = das Zertifikat, das für `{ $host }` vorgelegt wurde, stammt von „{ $issuer }“; dieser Stelle vertraut diese Maschine nicht
license-untrusted-alone-hint = ist „{ $issuer }“ der Proxy Ihrer Organisation, lassen Sie den Lizenzdienst vom Mitlesen ausnehmen, oder nehmen Sie diese Stelle in den Zertifikatsspeicher dieser Maschine auf; ist es die Stelle des Lizenzdienstes, so schickt der Dienst vielleicht das Zertifikat seines Ausstellers nicht mit, und der Hersteller muss die ganze Kette (`fullchain`) einrichten; sonst hat sich jemand in die Verbindung eingeschaltet
license-untrusted-shown-hint = sagt Ihnen die Netzverwaltung, dass die Verbindung mitgelesen wird und dass die Zertifizierungsstelle „{ $issuer }“ den SHA-256-Fingerabdruck { $fingerprint } hat, nennen Sie ihn als deren Stelle (P auf der Netzseite, oder `proxy.ca` der Antworten), oder lassen Sie den Lizenzdienst vom Mitlesen ausnehmen; sonst hat sich jemand in die Verbindung eingeschaltet
license-untrusted-hint = ist „{ $issuer }“ der Proxy Ihrer Organisation, lassen Sie den Lizenzdienst vom Mitlesen ausnehmen, oder nehmen Sie diese Stelle in den Zertifikatsspeicher dieser Maschine auf; sonst hat sich jemand in die Verbindung eingeschaltet
license-clock-early = nach der Uhr dieser Maschine, die { $now } zeigt, ist das Zertifikat von `{ $host }` noch nicht gültig
license-clock-late = nach der Uhr dieser Maschine, die { $now } zeigt, ist das Zertifikat von `{ $host }` abgelaufen
license-no-authorities = diese Maschine vertraut keiner einzigen Zertifizierungsstelle; darum lässt sich das Zertifikat von `{ $host }` nicht beurteilen
license-no-authorities-hint = installieren Sie das Paket `ca-certificates`, oder nennen Sie die Stelle des Lizenzdienstes mit `license.ca-file` im Profil
license-certificate-authority = das Zertifikat von `{ $host }` ist das einer Zertifizierungsstelle selbst, und daran ist kein Server zu erkennen
license-certificate-version = das Zertifikat von `{ $host }` hat X.509-Version { $version }, und nötig ist Version 3
license-certificate-nameless = das Zertifikat von `{ $host }` nennt keinen Host: es hat keinen `subjectAltName`
license-certificate-other = das Zertifikat von `{ $host }` gilt für { $names } und nicht für `{ $wanted }`
license-certificate-self = das Zertifikat von `{ $host }` ist selbstsigniert, und niemand sonst bürgt dafür
license-certificate-self-hint = ist es das eigene des Lizenzdienstes, so nennen Sie es mit `license.ca-file` im Profil; sonst liest jemand die Verbindung mit
license-certificate-hint = lassen Sie die Zertifizierungsstelle des Dienstes ein anderes ausstellen, oder machen Sie eines mit `{ $command }` und nennen Sie es mit `license.ca-file` im Profil
license-tls = keine TLS-Verbindung zum Lizenzdienst unter `{ $host }`
license-tls-hint = bitten Sie den Hersteller, das Zertifikat des Lizenzdienstes zu erneuern; zeigen die Ursachen eine Zeit, die nicht die jetzige ist, stellen Sie die Uhr dieser Maschine
# Was der Dienst sagt, kommt mit Leerzeichen und Klammern, oder gar nicht.
license-code-unknown = der Lizenzdienst kennt diesen Installationscode nicht{ $says }
license-code-expired = der Installationscode ist abgelaufen{ $says }
license-code-used = der Installationscode wurde schon verwendet{ $says }
license-code-superseded = an Stelle dieses Installationscodes wurde ein neuerer ausgestellt{ $says }
license-refused = der Lizenzdienst nimmt nicht an, was ihm gesendet wurde (Status { $status }, `{ $code }`){ $says }
license-refused-uncoded = der Lizenzdienst nimmt nicht an, was ihm gesendet wurde (Status { $status }){ $says }
license-other-tenant-hint = der Installationscode gehört einem anderen Mandanten und wurde nicht verbraucht: Geben Sie einen Code des Mandanten an, dem dieser Cluster gehört
license-no-service = unter der `license.url` des Profils gibt es bei `{ $host }` keinen Lizenzdienst (Status { $status } für `/register`)
license-blocked = etwas bei `{ $host }` lehnt ab, bevor der Lizenzdienst antworten kann (Status { $status } ohne Fehlercode)
license-unavailable = der Lizenzdienst kann jetzt nicht antworten (Status { $status }){ $says }
license-unavailable-hint = wiederholen Sie den Lauf in { $seconds } s: Der Code ist aufbewahrt, und ihn noch einmal zu senden schadet nicht
license-says = { " " }(der Dienst sagt: { $sentence })
license-redirect = `{ $host }` schickt diese Maschine weiter zu `{ $target }` (Status { $status }), wohin der Installationscode nicht gesendet wird
license-redirect-nowhere = `{ $host }` schickt diese Maschine anderswohin (Status { $status }), wohin der Installationscode nicht gesendet wird
license-redirect-hint = das tun Anmeldeseiten von Netzen (Captive Portals): melden Sie sich am Netz an, oder fragen Sie dessen Administrator. Gehört die Adresse dem Hersteller, muss `license.url` im Profil sie nennen
license-answer-broken = sie ist kein gültiges JSON
license-answer-no-json = sie ist kein JSON-Objekt (eine Anmeldeseite des Netzes oder ein Proxy?)
license-answer-long = sie ist länger als 1 MiB
license-answer-cut = sie brach nach { $bytes ->
        [one] 1 Byte
       *[other] { $bytes } Bytes
    } ab
license-answer-empty = sie ist leer
license-answer-coding = sie ist als `{ $name }` gepackt, was nicht verlangt war
license-answer-damaged = sie ist gepackt und beschädigt
license-answer-charset = ihre Buchstaben sind in `{ $name }` und nicht in UTF-8

## Kubernetes
kubernetes-kubeconfig-missing = unter `{ $path }` gibt es keine Kubeconfig
kubernetes-kubeconfig-unusable = die Kubeconfig `{ $path }` kann nicht verwendet werden
kubernetes-plugin = das Plugin für die Zugangsdaten
kubernetes-plugin-stuck = `{ $plugin }`, das die Kubeconfig `{ $path }` für ihre Zugangsdaten ausführt, war nach { $seconds } s noch nicht zu Ende
kubernetes-plugin-stuck-hint = führen Sie `{ $plugin }` von Hand aus, als der Benutzer, der firstlight ausführt: Vielleicht wird nach etwas gefragt; oder verwenden Sie eine Kubeconfig mit einem Zertifikat oder einem Token
kubernetes-credentials-unusable = die Kubeconfig `{ $path }` nennt Zugangsdaten oder Zertifikate, die nicht verwendet werden können
kubernetes-key-unusable = der Wert von `{ $key }` kann nicht verwendet werden
kubernetes-proxy-unsupported = sie nennt einen Proxy (`proxy-url`), und Kubernetes wird unmittelbar angesprochen: ein Weg über einen Proxy wird nicht unterstützt
kubernetes-plugin-hint = führen Sie `{ $plugin }` von Hand aus, als der Benutzer von firstlight und mit denselben Variablen in der Umgebung: was es dort sagt, kann ein Geheimnis sein und wird hier nicht gesagt; oder verwenden Sie eine Kubeconfig mit Zertifikat oder Token
kubernetes-plugin-start = `{ $plugin }` lässt sich nicht ausführen
kubernetes-plugin-failed = `{ $plugin }` ist fehlgeschlagen: { $status }
kubernetes-plugin-answer = die Antwort von `{ $plugin }` kann nicht verwendet werden
kubernetes-untold = der Grund zitiert, was gelesen wurde, und wird nicht gezeigt
kubernetes-plain-http = die Kubeconfig `{ $path }` führt ohne TLS zu `{ $server }`: Wer auf dem Weg ist, läse die Secrets mit
kubernetes-plain-http-hint = lassen Sie ihr `server` mit `https://` beginnen; nur auf dieser Maschine selbst geht es ohne
kubernetes-unverified = die Kubeconfig `{ $path }` sagt `insecure-skip-tls-verify`: Wer auf dem Weg ist, könnte für `{ $server }` gehalten werden
kubernetes-unverified-hint = nehmen Sie `insecure-skip-tls-verify` heraus, und lassen Sie `certificate-authority-data` sagen, wem zu trauen ist
kubernetes-writable = die Kubeconfig `{ $path }` sagt, wohin die Secrets gehen, und andere könnten sie ändern: { $who }
kubernetes-starting = der API-Server von Kubernetes kann noch nicht antworten (Status { $status }: { $reason })
kubernetes-is-starting = er startet gerade
kubernetes-certificate = das Zertifikat des API-Servers von Kubernetes passt nicht zur Kubeconfig `{ $path }`
kubernetes-no-server = was unter der Adresse in der Kubeconfig `{ $path }` antwortet, ist kein API-Server von Kubernetes
kubernetes-unauthorized = der API-Server von Kubernetes nimmt die Zugangsdaten der Kubeconfig `{ $path }` nicht an
kubernetes-terminating = der Namespace `{ $namespace }` wird gerade gelöscht
# Was versucht wurde ($action), ist einer der Infinitive mit „zu“ weiter unten.
kubernetes-unreachable = der API-Server von Kubernetes ist nicht zu erreichen, um { $action }
kubernetes-forbidden = es ist nicht erlaubt, { $action }: { $reason }
kubernetes-refused = der API-Server von Kubernetes hat es abgelehnt, { $action } (Status { $status }): { $reason }
kubernetes-no-version = er nimmt keine Version an von etwas, das es noch nicht gibt
kubernetes-conflict = es war nicht möglich, { $action }: { $conflicts }
kubernetes-conflicts = { $before }; { $next }
kubernetes-conflict-on = { $manager } bei `{ $field }`
kubernetes-changed = es war nicht möglich, { $action }: jemand anders hat zur selben Zeit etwas daran geändert
kubernetes-ask-ready = nach /readyz zu fragen
kubernetes-ask-version = nach seiner Version zu fragen
kubernetes-ask-permissions = nach den Rechten zu fragen
kubernetes-read-namespace = den Namespace `{ $name }` zu lesen
kubernetes-read-claim = den PersistentVolumeClaim `{ $name }` zu lesen
kubernetes-create-namespace = den Namespace `{ $name }` anzulegen
kubernetes-secret = das Secret `{ $name }`
kubernetes-config-map = die ConfigMap `{ $name }`
kubernetes-read-object = { $object } zu lesen
kubernetes-apply-object = { $object } zu schreiben
kubernetes-list-jobs = die Jobs des Bootstraps aufzulisten
kubernetes-watch-jobs = die Jobs des Bootstraps zu verfolgen
kubernetes-restart = { $kind } `{ $name }` neu starten
kubernetes-list-pods = die Pods des Bootstraps aufzulisten
kubernetes-list-events = die Events des Bootstraps aufzulisten
kubernetes-list-records = die Einträge von Helm aufzulisten
kubernetes-record-unread = Helms Eintrag `{ $name }` über das Release ist nicht zu verstehen
kubernetes-record-unread-hint = sehen Sie mit `kubectl -n { $namespace } get secret { $name }` nach; löschen Sie ihn, wenn er beschädigt ist, und wiederholen Sie dann den Lauf
kubernetes-delete-job = den Job `{ $name }` zu löschen
kubernetes-delete-record = den Eintrag `{ $name }` von Helm zu löschen

## Helm
helm-missing = der Befehl `helm` wurde in `{ $searched }` nicht gefunden
helm-not-run = `helm` konnte nicht ausgeführt werden
helm-chart-unreadable = das Chart `{ $path }` kann nicht gelesen werden: { $reason }
helm-chart-empty = es enthält keine Chart.yaml
helm-chart-no-yaml = seine Chart.yaml ist nicht zu gebrauchen: { $reason }
helm-chart-nameless = seine Chart.yaml nennt nicht Name und Version
helm-failed = `helm { $action }` ist fehlgeschlagen: { $said }
helm-said-nothing = es kam keine Meldung
helm-failed-hint = berichtigen Sie, was Helm nennt: im Chart, in `bootstrap.values` des Profils oder in den Antworten; wiederholen Sie dann den Lauf: Was schon da ist, bleibt
helm-namespace-in-hook = das Chart legt seinen Namespace `{ $namespace }` in einem Hook an, und davor löscht Helm, was es dort gibt
helm-namespace-in-hook-hint = nehmen Sie dem Namespace im Chart die Annotation `helm.sh/hook`, oder lassen Sie ihn weg: Er wird angelegt, wenn er fehlt
helm-too-old-hint = installieren Sie Helm 3.13 oder neuer, oder geben Sie mit `bootstrap.helm` im Profil an, wo es liegt
helm-stuck = `helm { $action }` war nach { $seconds } s noch nicht zu Ende
helm-busy = ein `helm`, das ein früherer Lauf gestartet hat, arbeitet nach { $seconds } s noch immer
helm-busy-hint = warten Sie, bis es zu Ende ist, oder beenden Sie es, und wiederholen Sie dann den Lauf
helm-brings-definitions = nicht versucht, weil das Chart eigene Ressourcendefinitionen mitbringt, die es noch nicht gibt
helm-cannot-try-again = nicht versucht, weil diese Version von Helm ein Release, das ein unterbrochener Lauf hinterlassen hat, nicht probeweise installieren kann

## This machine
machine-unreadable = `{ $path }` kann nicht gelesen werden
machine-denied = `{ $path }` ist nicht zu erreichen: dieser Benutzer darf `{ $closed }` nicht betreten oder lesen
machine-denied-hint = führen Sie firstlight als root aus, oder lassen Sie diesen Benutzer `{ $closed }` betreten und lesen
machine-unwritable = `{ $path }` kann nicht geschrieben werden
machine-state-owner = es gehört dem Benutzer { $owner }, und dieses Programm läuft als Benutzer { $user }
machine-state-owner-hint = sehen Sie nach, was in `{ $path }` liegt: Gehört es Ihnen, führen Sie `chown -R { $user } { $path }` aus, sonst räumen Sie es weg; wiederholen Sie dann den Lauf
machine-link = `{ $name }` ist dort ein Link, und wohin er führt, kann jedem gehören
machine-no-group = auf dieser Maschine gibt es keine Gruppe `{ $name }`
machine-open = ihr Modus ist { $mode }: jeder könnte etwas mit dem anfangen, was dort geschrieben wird
machine-several-names = sie hat weitere Namen (Hardlinks), die den alten Text behielten
machine-tool-hint = Führen Sie `{ $tool }` von Hand aus, um zu sehen, was falsch ist, und starten Sie noch einmal, wenn es gelingt.
machine-tool = `{ $tool }` ist gescheitert: { $why }
machine-unclosed = sie endet nicht: ein Anführungszeichen darin ist nicht geschlossen
machine-outside = ein Link führt aus dem Wurzelverzeichnis hinaus
machine-no-folder = es ist ein Link oder eine Datei und kein Ordner
machine-link-hint = räumen Sie weg, was bei `{ $path }` im Weg ist, und wiederholen Sie den Lauf
machine-full-hint = machen Sie Platz auf der Platte frei, oder Inodes, wenn Platz da ist (`df -h`, `df -i`), und wiederholen Sie den Lauf; ein Code, der nicht gesendet wurde, bleibt gültig
machine-no-utf8-hint = speichern Sie die Datei in UTF-8, und wiederholen Sie den Lauf
machine-too-long = länger als 1 MiB
machine-no-utf8 = sie ist nicht in UTF-8, wie eine Datei, die Windows in UTF-16 oder in einem älteren Zeichensatz gespeichert hat
machine-no-file = das ist ein Ordner, eine Pipe oder ein Gerät und keine Datei
machine-credential = Credential { $name }
machine-secret-unfit = `{ $path }` enthält nicht nur ein Geheimnis: { $why }
machine-no-credentials = systemd hat diesem Prozess keine Credentials übergeben
machine-no-credential-name = so kann kein Credential heißen
machine-exposed = `{ $path }` enthält ein Geheimnis, aber { $who }
machine-exposed-hint = führen Sie `{ $command }` aus, und wiederholen Sie den Lauf
machine-exposed-for-good-hint = wo die Datei liegt, lässt sich daran nichts ändern: hängen Sie dieses Dateisystem mit `uid={ $user },umask=077` ein, oder geben Sie eine Kopie an (`install -m 600 { $path } /run`), und wiederholen Sie den Lauf
machine-owner = die Datei gehört dem Benutzer { $owner } statt dem Benutzer { $user }
machine-mode = die Zugriffsrechte { $mode } lassen andere Benutzer an die Datei
machine-locked = ein anderes firstlight ist am Werk (`{ $path }` ist gesperrt)
machine-file-unusable = die Datei `{ $path }`, die `{ $setting }` im Profil nennt, kann nicht verwendet werden
machine-journal-unreadable = das Journal `{ $path }` eines früheren Laufs kann nicht gelesen werden
machine-journal-newer = seine Version { $version } ist neuer als dieses Programm
machine-recording-exists = die Aufzeichnung `{ $path }` gibt es schon; sie wird nicht überschrieben
machine-recording-exists-hint = nennen Sie eine Datei, die es noch nicht gibt
machine-recording-unmade = die Aufzeichnung `{ $path }` kann nicht angelegt werden
machine-recording-unmade-hint = nennen Sie eine Datei in einem Verzeichnis, das es gibt und in das Sie schreiben dürfen
machine-recording-unreadable = die Aufzeichnung `{ $path }` kann nicht gelesen werden
machine-recording-unreadable-hint = prüfen Sie den Pfad, und ob Sie die Datei lesen dürfen
machine-keyboard-not-run = `loadkeys` konnte nicht ausgeführt werden: { $reason }
machine-keyboard-refused = `loadkeys { $layout }` ist fehlgeschlagen: { $said }
machine-keyboard-stuck = `loadkeys { $layout }` war nach { $seconds } s noch nicht zu Ende
machine-keyboard-unkept = `{ $layout }` ist in Gebrauch, aber nach einem Neustart des Geräts nicht mehr: { $why }. Mit leerem Feld geht es damit weiter.
machine-probe-status = Antwort mit Status { $status }
machine-probe-other-status = Antwort mit Status { $status }, und nicht mit { $wanted }
machine-probe-content-type = Antwort mit { $found }, und nicht mit { $wanted }
machine-probe-no-content-type = Antwort ohne Content-Type, und nicht mit { $wanted }
machine-probe-body = „{ $wanted }“ steht nicht in den ersten { $most } KiB der Antwort
machine-probe-silent = keine Antwort
machine-probe-proxy = über den Proxy `{ $proxy }` kommt als Antwort der Status { $status }
machine-probe-refused = dort nimmt noch nichts Verbindungen an
machine-probe-late = keine Antwort binnen { $seconds } s
machine-probe-unresolved = der Name lässt sich nicht auflösen
machine-probe-untrusted = Antwort mit einem Zertifikat, das von „{ $issuer }“ ausgestellt ist, dem diese Maschine nicht vertraut
machine-probe-self-signed = Antwort mit einem Zertifikat, das selbstsigniert ist und dem diese Maschine nicht vertraut
machine-probe-other-names = Antwort mit einem Zertifikat, das für { $names } gilt, und nicht für `{ $wanted }`
machine-probe-nameless = Antwort mit einem Zertifikat, das keinen Host nennt
machine-probe-authority = Antwort mit einem Zertifikat, das einer Zertifizierungsstelle selbst gehört und an dem kein Server zu erkennen ist
machine-probe-version = Antwort mit einem Zertifikat der X.509-Version { $version }, und Version 3 ist nötig
machine-probe-other-certificate = sie antwortet mit einem anderen Zertifikat als dem, dem vertraut wird, SHA-256 { $fingerprint }
machine-probe-period = Antwort mit einem Zertifikat, das nach der Uhr dieser Maschine nicht gilt
machine-probe-no-tls = Antwort, aber nicht mit TLS
machine-probe-alone-hint = die Appliance schickt ihr Zertifikat allein: hat es eine Zwischenstelle ausgestellt, lassen Sie die Appliance die ganze Kette (`fullchain`) schicken; sonst lassen Sie sie ein Zertifikat vorzeigen, dessen Zertifizierungsstelle diese Maschine vertraut, oder nennen Sie ihre Zertifizierungsstelle mit `license.ca-file` im Profil; wiederholen Sie dann den Lauf
machine-probe-certificate-hint = lassen Sie die Appliance ein Zertifikat vorzeigen, in dem diese Adresse steht und dessen Zertifizierungsstelle diese Maschine vertraut, oder nennen Sie ihre Zertifizierungsstelle mit `license.ca-file` im Profil; wiederholen Sie dann den Lauf
machine-probe-period-hint = prüfen Sie die Uhr dieser Maschine, und lassen Sie das Zertifikat der Appliance erneuern; wiederholen Sie dann den Lauf
machine-probe-no-tls-hint = berichtigen Sie die Adresse in `ready` des Profils: sie sagt `https://`
machine-probe-tls = TLS kann nicht verwendet werden
machine-systemd-no-bus = systemd kann nicht gefragt werden: an `{ $path }` nimmt nichts Verbindungen an
machine-systemd-none = der Systembus ist da, aber kein systemd daran
machine-systemd-denied = systemd lässt diesen Benutzer keine Units starten
machine-systemd-denied-hint = führen Sie firstlight als root aus
machine-systemd-late = systemd antwortet nicht innerhalb von { $seconds } s
machine-systemd-silent = systemd antwortet nicht, wie es soll
machine-systemd-refused = systemd startet `{ $unit }` nicht
networkd-no-bus = wer das Netz dieser Maschine betreibt, kann nicht gefragt werden
networkd-unmanaged = etwas anderes als systemd-networkd hat `{ $interface }` seine Adressen gegeben, und networkd könnte sie nicht zurückgeben
networkd-none = das Netz dieser Maschine betreibt nicht systemd-networkd: es läuft nicht
networkd-other = das Netz dieser Maschine betreibt { $other } und nicht systemd-networkd
networkd-other-hint = lassen Sie `[network]` in den Antworten weg und ändern Sie das Netz mit { $other }; wiederholen Sie dann den Lauf
networkd-refused = systemd-networkd liest nicht, was ihm gegeben wurde
networkd-too-late = das ausprobierte Netz ist schon zurückgenommen: seine Zeit war um
network-interface-missing = es gibt keinen Anschluss `{ $wanted }`; es gibt { $there }
network-interface-none = diese Maschine hat keinen Anschluss, der ein Netz bekommen könnte
network-interface-none-hint = sehen Sie nach, ob die Netzwerkkarte da und ihr Treiber geladen ist, oder nennen Sie den Anschluss in `network.interface`; wiederholen Sie dann den Lauf
network-interface-several = keiner ist genannt, und es gibt mehrere Anschlüsse: { $there }
network-kept = { $network }, wie vorher
network-changed = { $network }; das bleibt
network-trying = ausprobiert wird: { $network }
clock-hold = die Uhr, die gestellt wird
network-hold = das Netz, das ausprobiert wird
network-only-interface = der einzige Anschluss
network-said-automatic = { $interface } bittet um seine Adresse
network-said-fixed = { $interface } hat { $addresses }
network-said-fixed-gateway = { $interface } hat { $addresses }, weiter über { $gateways }
network-would-write = würde ausprobiert und dann geschrieben nach { $files }
network-would-remove = { $files } entfiele.
network-taken-back-link = das Netz wurde zurückgenommen: `{ $interface }` ist damit nicht verbunden
network-taken-back-address = das Netz wurde zurückgenommen: `{ $interface }` kam nicht zu seiner Adresse
network-taken-back-gateway = das Netz wurde zurückgenommen: von `{ $interface }` führt kein Gateway weiter
network-taken-back-answer = das Netz wurde zurückgenommen: das Gateway an `{ $interface }` schweigt
network-taken-back-license = das Netz wurde zurückgenommen: der Lizenzdienst unter { $host } antwortete vorher und damit nicht ({ $why })
network-taken-back-license-late = das Netz wurde zurückgenommen: der Lizenzdienst unter { $host } antwortete vorher und damit nicht rechtzeitig

## What steps find, do and fail of
### Trying everything first
rehearse-begin = diese Maschine, der Lizenzdienst und Kubernetes werden geprüft
rehearse-passed = alle { $passed } Prüfungen bestanden; nichts wurde verändert
rehearse-not-tried = nicht versucht: { $because }
rehearse-because-no-name = der Name lässt sich nicht auflösen
rehearse-because-no-license = der Lizenzdienst hat nicht geantwortet
rehearse-because-not-signed-in = niemand hat sich angemeldet
rehearse-because-no-kubernetes = Kubernetes hat nicht geantwortet
rehearse-because-no-namespace = den Namespace gibt es noch nicht; es wird nachgeholt, bevor der Code gesendet wird
rehearse-because-bad-namespace = der Namespace ist nicht zu gebrauchen
rehearse-because-no-permissions = es fehlen Rechte
rehearse-because-no-chart = das Chart oder Helm fehlt
rehearse-disk = { $free } MiB frei
rehearse-disk-low = für `{ $path }` sind nur { $free } MiB frei; { $wanted } MiB werden gebraucht
rehearse-disk-volatile = `{ $path }` liegt im Arbeitsspeicher (`{ $kind }` bei `{ $place }`), und was dort aufbewahrt wird, ist ohne Strom verloren
rehearse-disk-unknown = wie viel Platz für `{ $path }` frei ist, lässt sich nicht feststellen
rehearse-memory = { $free } MiB verfügbar
rehearse-memory-unknown = bei diesem Kernel nicht bekannt
rehearse-memory-low = nur { $free } MiB Arbeitsspeicher sind verfügbar; { $wanted } MiB werden gebraucht
rehearse-resolved = { $host } ist { $address }
rehearse-resolved-proxy = der Proxy `{ $proxy }` ist { $address }
rehearse-license-answers-proxy = { $host } antwortet über TLS, durch den Proxy `{ $proxy }`
rehearse-license-answers = { $host } antwortet über TLS
rehearse-license-not-needed = nicht nötig: der Code wird nicht gesendet ({ $why })
rehearse-services = systemd bekannt: { $units }
rehearse-reached = erreicht: { $names }
rehearse-unreachable = der Bootstrap braucht `{ $url }`, und das lässt sich nicht verwenden: { $why }
rehearse-unreachable-named = der Bootstrap braucht { $name } (`{ $url }`), und das lässt sich nicht verwenden: { $why }
rehearse-unreachable-proxy-hint = berichtigen Sie die Variable, die den Proxy nennt, oder bitten Sie die Netzwerkverwaltung, den Proxy `{ $host }` erreichen zu lassen; `NO_PROXY` nimmt Hosts davon aus
rehearse-unreachable-name-hint = berichtigen Sie die DNS-Server dieser Maschine, oder bitten Sie die Netzwerkverwaltung, dass `{ $host }` aufgelöst wird; wiederholen Sie dann den Lauf
rehearse-unreachable-certificate-hint = bitten Sie die Netzwerkverwaltung, `{ $host }` von der TLS-Inspektion auszunehmen, oder nehmen Sie die Zertifizierungsstelle in den Vertrauensspeicher des Systems oder in `license.ca-file` auf; wiederholen Sie dann den Lauf
rehearse-unreachable-period-hint = prüfen Sie die Uhr dieser Maschine; geht sie richtig, bitten Sie den Hersteller, das Zertifikat erneuern zu lassen
rehearse-unreachable-answer-hint = suchen Sie nach einem Captive Portal, einem Filter oder einem Proxy, der anstelle von `{ $host }` antwortet; gibt es keinen, sagen Sie es dem Hersteller, dessen Profil sagt, was zu antworten ist (`reach`)
rehearse-clock = höchstens { $seconds } s Abstand zur Uhr des Lizenzdienstes
rehearse-clock-untold = der Lizenzdienst nennt seine Uhrzeit nicht
rehearse-clock-behind = die Uhr dieser Maschine geht gegenüber der des Lizenzdienstes um { $off } nach
rehearse-clock-ahead = die Uhr dieser Maschine geht gegenüber der des Lizenzdienstes um { $off } vor
rehearse-seconds = { $seconds } s
rehearse-minutes = { $minutes } min
rehearse-hours = { $hours } h
rehearse-days = { $days } Tage
rehearse-before-build = die Uhr dieser Maschine zeigt { $now }; da war dieses Programm noch nicht gebaut ({ $built })
clock-set = die Uhr dieser Maschine zeigte { $before } und wurde auf { $now } gestellt
clock-by-ntp = die Uhr dieser Maschine wird durch NTP gestellt und zeigt { $now }
clock-is-by-ntp = NTP hat die Uhr dieser Maschine gestellt
rehearse-clock-by-ntp-hint = NTP hat die Uhr dieser Maschine gestellt, sodass wohl die des Lizenzdienstes falsch geht: sehen Sie nach, welcher Server das ist (`timedatectl timesync-status`), oder fragen Sie den Hersteller
rehearse-clock-no-server-hint = NTP ist eingeschaltet und erreicht keinen Server: öffnen Sie das Netz zu einem, oder stellen Sie die Uhr nach der des Lizenzdienstes (`set = "license-service"` unter `[clock]` der Antworten, oder `timedatectl`), und wiederholen Sie den Lauf
clock-untold = `{ $host }` nennt keine Zeit, die zu glauben wäre
clock-no-service = was die Uhr dieser Maschine stellt (`org.freedesktop.timedate1`), ist nicht zu erreichen
clock-refused = die Uhr dieser Maschine wurde nicht gestellt
clock-no-service-hint = stellen Sie die Uhr in der Firmware oder am Hypervisor, oder melden Sie sich an und benutzen Sie `date --set`, und wiederholen Sie den Lauf
clock-no-ntp = nichts auf dieser Maschine spricht NTP
clock-no-ntp-hint = stellen Sie die Uhr nach der des Lizenzdienstes oder von Hand
clock-unsynchronized = NTP ist eingeschaltet und hat die Uhr dieser Maschine in { $seconds } s nicht gestellt
clock-unsynchronized-hint = prüfen Sie das Netz, und ob ein NTP-Server erreicht wird (`timedatectl timesync-status`); oder stellen Sie die Uhr nach der des Lizenzdienstes oder von Hand
set-clock-form = das ist keines von { $names }
set-clock-time-form = das ist kein Datum mit Uhrzeit wie 2026-11-27 14:05
rehearse-kubernetes = Version { $version } antwortet
# In der Zeile über den Tasten fällt alles ab „ (“ weg.
rehearse-kubernetes-starting = startet noch, { $seconds } s
rehearse-kubeconfig-awaited = es wird auf eine brauchbare Kubeconfig gewartet, { $seconds } s
in-a-row = { $first } { $next }
with-details = { $what } ({ $details })
rehearse-not-started = Kubernetes ist in { $seconds } s nicht gestartet
rehearse-permissions = alle { $needed }, die gebraucht werden
rehearse-denied = dem Benutzer der Kubeconfig ist { $denied }
rehearse-denied-in = im Namespace `{ $namespace }` nicht erlaubt: { $denied }
rehearse-namespace = `{ $namespace }` ist da
rehearse-namespace-missing = `{ $namespace }` kann angelegt werden
rehearse-secrets = { $count ->
        [0] es muss nichts geschrieben werden
        [one] es würde angenommen
        [2] beide würden angenommen
       *[other] alle { $count } würden angenommen
    }
rehearse-needs-answers = wird mit Ihren Antworten gemacht, bevor der Code gesendet wird
rehearse-bootstrap-not-needed = nicht nötig: der Bootstrap ist schon gelaufen
rehearse-helm = `helm { $action }` gelingt
rehearse-helm-no-namespace = `helm { $action }` gelingt, in einem Namespace, den es noch nicht gibt
rehearse-helm-interrupted = `helm { $action }` gelingt; der Eintrag, den ein unterbrochener Lauf hinterlassen hat ({ $status }), wird später entfernt

### Redeeming the code
redeem-sending = der Code wird an { $service } gesendet
redeem-accepted = der Code wurde angenommen: { $tenant }, Edition { $edition }
redeem-unsigned = der Lizenzdienst hat die kostenlose Edition ohne signiertes Token (`first_jwt`) freigegeben, und das Profil nimmt keine Freigabe ohne eines (`license.signed-grants`)
redeem-unsigned-hint = die Antwort ist im Journal aufbewahrt, und nichts wurde eingerichtet: Sagen Sie es dem Hersteller; entweder hat unterwegs jemand anstelle des Dienstes geantwortet, oder der Dienst signiert nicht, was er freigibt
redeem-belongs = diese Appliance gehört schon zu { $tenant }; der Code wurde nicht gesendet
redeem-other-code = diese Appliance wurde mit einem anderen Installationscode eingerichtet und gehört zu { $tenant }; der Code wurde nicht gesendet
redeem-other-grant = ein anderer Installationscode hat eine Freigabe für { $tenant } gebracht, die auf dieser Maschine wartet; der Code wurde nicht gesendet
redeem-kept = die Freigabe eines früheren Laufs wird verwendet, für { $tenant }; der Code wurde nicht noch einmal gesendet
redeem-unwritten = die Antwort kann auf dieser Maschine nicht aufgehoben werden ({ $why }): der Code ist verbraucht, und was er gebracht hat, kommt sofort nach Kubernetes
redeem-ask-again = { $why }; der Lizenzdienst wird noch einmal danach gefragt
redeem-grant-elsewhere = die Freigabe von `{ $theirs }` im Journal wird nicht verwendet: das Profil nennt `{ $ours }`
redeem-sent-elsewhere = ein früherer Lauf hat einen Code an `{ $theirs }` gesendet und keine Antwort gesehen; das Profil nennt `{ $ours }`
redeem-used-by-us = { $refusal }; diese Maschine hat ihn als { $appliance } am { $at } an `{ $service }` gesendet und die Antwort nicht gesehen
redeem-used-here = { $refusal }; diese Maschine hat ihn am { $at } als { $appliance } bei `{ $service }` eingelöst, und ein Cluster hatte, was er gebracht hat
redeem-used-unread = { $refusal }; diese Maschine hat ihn als { $appliance } am { $at } an `{ $service }` gesendet, und was kam, ist im Journal aufbewahrt: { $why }
redeem-used-unfit = { $refusal }; diese Maschine hat ihn als { $appliance } am { $at } bei `{ $service }` eingelöst, und die Freigabe ist im Journal aufbewahrt, aber nicht verwendbar: { $why }
redeem-used-by-us-hint = vielleicht hat diese Maschine den Code verbraucht, bevor sie unterbrochen wurde: Bitten Sie den Hersteller, für denselben Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-used-unread-hint = aktualisieren Sie firstlight und starten Sie es noch einmal: Vielleicht ist dann lesbar, was kam; oder bitten Sie den Hersteller, für denselben Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-answered-hint = der Code ist sehr wahrscheinlich von dieser Maschine verbraucht. Ist behoben, was ihn jetzt ablehnt, starten Sie noch einmal; gilt er dann als verwendet, bitten Sie den Hersteller, für denselben Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-used-lost-hint = keine Version von firstlight kann daraus eine Freigabe machen: Bitten Sie den Hersteller, für denselben Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-used-unfit-hint = verlangt das Profil etwas anderes als der Hersteller (`token-key-file`, `token-audience`, `signed-grants`), dann berichtigen Sie es und starten Sie noch einmal: Die Freigabe wird dann verwendet. Sonst bitten Sie den Hersteller, für denselben Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-used-elsewhere = { $refusal }; diese Appliance ist { $appliance }
redeem-used-elsewhere-hint = bitten Sie den Hersteller, für diesen Mandanten einen neuen Code auszustellen, und nennen Sie { $appliance }
redeem-other-service = dieser Installationscode wurde bei `{ $theirs }` eingelöst, aber das Profil nennt `{ $ours }`; er wurde nicht gesendet, und die Freigabe wurde nicht verwendet
redeem-other-service-hint = setzen Sie `license.url` im Profil auf `{ $theirs }`, um mit der Freigabe weiterzumachen, die im Journal aufbewahrt ist; oder geben Sie einen Code von `{ $ours }` ein
redeem-unreadable = was `{ $host }` als Antwort des Lizenzdienstes gesendet hat, ist nicht lesbar: { $why }
redeem-unreadable-hint = wenn das der Lizenzdienst war, hat er den Code verbraucht. Was kam, ist im Journal aufbewahrt, und eine spätere Version von firstlight kann es vielleicht lesen: Aktualisieren Sie firstlight und starten Sie noch einmal, oder senden Sie diese Meldung an den Support des Herstellers
redeem-lost-hint = wenn das der Lizenzdienst war, hat er den Code verbraucht. Suchen Sie zwischen dieser Maschine und dem Dienst nach einer Anmeldeseite des Netzes (Captive Portal) oder einem Proxy, und starten Sie noch einmal: Dieselbe Antwort wird mit demselben Schlüssel noch einmal verlangt. Gilt der Code dann als verwendet, bitten Sie den Hersteller, für denselben Mandanten einen neuen auszustellen
redeem-broken-hint = der Lizenzdienst hat den Code höchstwahrscheinlich verbraucht. Was kam, ist im Journal aufbewahrt: Starten Sie noch einmal, und dieselbe Antwort wird mit demselben Schlüssel noch einmal verlangt
redeem-token-hint = der Code ist verbraucht, und die Freigabe ist im Journal aufbewahrt: Vergleichen Sie `token-key-file` und `token-audience` des Profils mit dem, was der Hersteller zu seinen Token sagt, oder senden Sie diese Meldung an den Support des Herstellers; der nächste Lauf macht hier weiter
redeem-answer-hint = der Code ist verbraucht, und die Antwort ist im Journal aufbewahrt: Aktualisieren Sie firstlight, oder senden Sie diese Meldung an den Support des Herstellers; der nächste Lauf macht hier weiter

### Writing the Secrets
secrets-all = { $count ->
        [2] beide Secrets
       *[other] alle { $count } Secrets
    }
secrets-all-objects = alle { $count } Secrets und ConfigMaps
identity-differ = die Kopien von `{ $id }` sind nicht gleich: { $copies }
identity-copy = `{ $target }` ({ $digest })
identity-differ-hint = setzen Sie die Kopie, mit der Daten geschrieben wurden, an den anderen Stellen ein, oder entfernen Sie jene; oder erzeugen Sie, da er ersetzt werden darf, überall einen neuen mit `firstlight rotate { $id }`
identity-rotated = { $names } ersetzt; was davon liest, ist neu zu starten
rotation-unknown = das Profil hat keinen Wert `{ $id }`
rotation-unknown-hint = es hat { $known }
rotation-none-hint = es hat gar keinen; ist ein anderes gemeint (`--profile FILE`)?
rotation-never = `{ $id }` wird nicht ersetzt: `{ $never }` darf es nie werden (`rotate = "never"`), weil mit keinem anderen Daten zu lesen wären
rotation-never-hint = Stellen Sie ihn aus einer Sicherung wieder her, wo er verloren ist. Sagt der Hersteller, dass er ersetzt werden darf, muss das Profil es sagen: `rotate = "manual"`.
rotation-renewed = `{ $id }` wird nicht auf Zuruf ersetzt
rotation-renewed-hint = Es wird zu seiner Zeit von selbst neu erzeugt, bei jeder Einrichtung und durch `firstlight reconcile`; soll es vorher neu erzeugt werden, entfernen Sie es, und führen Sie eines davon aus.
rotation-absent = `{ $id }` ist noch nirgends
rotation-absent-hint = Eine Einrichtung erzeugt ihn, wenn keine Daten den brauchen, der da war.
rotation-unconfirmed = `{ $id }` wurde noch nicht ersetzt
rotation-unconfirmed-hint = Sagen Sie es noch einmal mit `--yes`, wenn Sie das wollen.
identity-malformed = was in { $targets } steht, ist kein `{ $id }` der Form `{ $format }`
identity-malformed-hint = setzen Sie in { $targets } den richtigen Wert ein, als Text und ohne Zeilenende dahinter (`kubectl create secret --from-file` übernimmt es aus einer Datei). Entfernen Sie ihn überall nur, wenn keine Daten damit geschrieben wurden: dann wird ein neuer erzeugt
identity-lost = `{ $id }` ist nirgends zu finden, und Daten, die damit geschrieben wurden, sind da: { $data }
identity-lost-hint = stellen Sie es aus einer Sicherung in { $targets } wieder her: ein neues könnte diese Daten nicht lesen. Sind die Daten nichts wert, entfernen Sie sie, und starten Sie noch einmal
identity-not-persisted = `{ $id }` wurde geschrieben und steht nicht so da, wie es geschrieben wurde
identity-not-persisted-hint = suchen Sie nach einem Admission-Webhook, einem Controller oder einem anderen Programm, das ihn ändert, und starten Sie noch einmal, wenn das behoben ist
identity-file-changed = ein anderes Programm hat `{ $path }` zur selben Zeit geschrieben
identity-random = das System gibt keine Zufallsbytes
identity-writing = `{ $path }` wird geschrieben
identity-made = { $names } erzeugt, einmal für diese Appliance
identity-restored = fehlende Kopien sind wieder geschrieben; { $count ->
    [one] der Wert bleibt
   *[other] alle { $count } Werte bleiben
}
identity-in-place = { $count ->
    [one] der Wert ist
   *[other] alle { $count } Werte sind
} da
rehearse-identity = { $found } vorhanden, { $missing } zu erzeugen
rehearse-address = die Adresse steht an ihrem Platz
rehearse-found = Die Appliance wird unter { $address } erreicht.
rehearse-address-written = die Adresse ist an { $places ->
    [one] { $places } Stelle
   *[other] { $places } Stellen
} zu schreiben
identity-address = die Adresse `{ $address }` steht an ihrem Platz
identity-address-written = die Adresse `{ $address }` ist geschrieben nach { $targets }
identity-address-unknown = keine Adresse ist bekannt
identity-both = { $first }; { $second }
identity-signed = { $names } signiert
reconcile-nothing = von der Adresse hängt nichts ab
reconcile-not-set-up = diese Maschine ist noch nicht eingerichtet
reconcile-unknown = Wo diese Maschine zu erreichen ist, ist jetzt nicht bekannt; die letzte Adresse bleibt.
reconcile-address = sie ist zu erreichen unter `{ $address }`
reconcile-lost = Wo sie zu erreichen ist, ist nicht vermerkt; eine weitere Einrichtung vermerkt es. Zertifikate behalten ihre Namen.
reconcile-missing = Nicht vorhanden; eine weitere Einrichtung erzeugt: { $names }.
reconcile-due = was die Adresse liest, ist neu zu starten
reconcile-in-place = alles ist, wie es sein soll
reconcile-would = zu schreiben: { $targets }
restart-none = nichts ist neu zu starten
restart-none-runs = was neu zu starten wäre, läuft nicht
restart-restarting = `{ $name }` wird neu gestartet
restart-restarted = { $names } neu gestartet

## Das Abbild auf einer Platte
install-unconfirmed = es wurde noch nichts installiert
install-unconfirmed-hint = Mit `--dry-run` wird gesagt, welche Platte es wäre, und was aus dem würde, was darauf ist; mit `--yes` wird es getan.
install-disk-hint = `lsblk` zählt die Platten dieser Maschine auf.
install-no-image = dieses System wurde nicht vom Abbild einer Appliance gestartet
install-not-chosen = der Schritt, auf dem dieser beruht, ist nicht gelaufen
# Platten und Partitionen. Größen haben ihre Einheiten bei sich.
install-disk = `{ $name }` ({ $size })
install-disk-known = `{ $name }` ({ $size }, { $model })
install-part = `{ $name }` ({ $size }, { $kind })
install-part-named = `{ $name }` ({ $size }, { $kind } „{ $label }“)
install-part-labelled = `{ $name }` ({ $size }, „{ $label }“)
install-part-unknown = `{ $name }` ({ $size }, unbekannt)
install-content-named = { $kind } „{ $label }“
install-content-table = eine Partitionstabelle ({ $kind }) ohne Partitionen
install-content-unclear = etwas, das sich nicht bestimmen lässt
# Warum eine Platte nicht passt; hinter der Platte.
install-medium = von ihr wurde dieses System gestartet
install-mounted = sie wird benutzt: { $place }
install-held = sie ist ein Teil von etwas, das benutzt wird ({ $by })
install-read-only = auf ihr kann nicht geschrieben werden
install-small = sie fasst weniger als { $least }
install-removable = sie lässt sich abziehen und muss daher genannt werden
install-one-unfit = { $disk }: { $why }
install-no-disk = sie hat keine
install-none = keine Platte dieser Maschine passt ({ $least } werden gebraucht): { $why }
install-several = mehrere Platten passen: { $disks }
install-unknown = `{ $path }` ist keine Platte dieser Maschine
install-unknown-hint = Diese Maschine hat { $disks }.
install-unfit = { $disk } passt nicht: { $why }
install-again = auf { $disk } ist schon ein Gerät installiert
install-again-hint = Die Maschine von dieser Platte starten lassen, ohne das Abbild; oder, um dort noch einmal zu installieren, das im Assistenten oder mit `firstlight install` sagen.
install-occupied = auf { $disk } ist etwas anderes: { $content }
install-stranded = die Daten einer Appliance auf { $disk } könnten nicht erhalten bleiben: { $data } ist beschädigt oder dort nicht allein ({ $content })
install-stranded-hint = Sichern Sie sie, oder installieren Sie auf eine andere Platte. Was auf der Platte ist, verschwindet, die Daten eingeschlossen, mit `--erase everything`.
# Was aus dem wird, was auf der gewählten Platte ist.
install-way-empty = { $disk } ist leer
install-way-erase = { $disk }: alles darauf verschwindet ({ $content })
install-way-keep = { $disk }: die Daten einer Appliance darauf bleiben erhalten ({ $data }), das System wird neu gemacht
# Was getan wurde.
install-hold = was auf der Platte ganz sein muss
install-partitioned = die Partitionen von { $disk } gemacht
install-partitioned-kept = die Partitionen von { $disk } gemacht und die Daten erhalten ({ $data })
install-unpacking = Entpacken: { $done } %
install-syncing = Warten, bis alles auf der Platte ist
install-unpacked = das Abbild `{ $image }` entpackt; auf der Partition mit den Daten sind { $kept }
install-started = { $disk } startet jetzt von selbst, ob die Firmware ein BIOS oder UEFI ist
# Was fehlgeschlagen ist.
install-tool-missing = diesem System fehlt das Programm `{ $program }` (gesucht in `{ $searched }`)
install-tool-not-run = `{ $program }` konnte nicht ausgeführt werden
install-tool-failed = `{ $program }` ist fehlgeschlagen: { $said }
install-unlisted = die Liste der Platten dieser Maschine (`lsblk`) wurde nicht verstanden
install-not-made = `{ $disk }` hat keine Partition `{ $label }`, obwohl sie gemacht wurde
install-not-mounted = was auf `{ $disk }` ist, lässt sich nicht einhängen
install-not-synced = es lässt sich nicht sicherstellen, dass alles auf `{ $disk }` ist
disk-wanted = { $what } ist weder `only` noch der Pfad eines Geräts, wie `/dev/sda` oder einer in `/dev/disk/by-id`
disk-erase = { $what } ist weder `foreign` noch `everything`
identity-own = das eigene Zertifikat ist da: { $own }
identity-own-placed = das eigene Zertifikat ist geschrieben: { $own }
rehearse-certificate = das eigene Zertifikat taugt: { $own }
identity-making = { $names } wird erzeugt
identity-making-slow = { $names } wird erzeugt; ein Schlüssel mit RSA-4096 kann einige Sekunden dauern
identity-faulty = `{ $id }` in { $targets } ist nicht zu gebrauchen: { $fault }
identity-expired-hint = Was es signiert hat, gilt nicht mehr. Ist seine Zeit nach einer Uhr vorbei, die richtig geht, entfernen Sie seinen Schlüssel und sein Zertifikat von diesen Stellen, und starten Sie noch einmal: wer ihm vertraut, muss dann dem neuen vertrauen.
identity-unsignable = die vorhandene Zertifizierungsstelle kann `{ $id }` nicht so signieren, dass andere es annehmen
identity-unsignable-hint = Sehen Sie sich ihr Zertifikat mit `openssl x509 -text` an: ihre Schlüsselverwendung muss `keyCertSign` und `cRLSign` enthalten, ihr Name darf jedes Attribut einmal haben, und ihr Schlüssel muss RSA, P-256 oder P-384 sein.
identity-pair-hint = Sehen Sie nach, welchem davon die anderen vertrauen. Stellen Sie dessen Schlüssel und Zertifikat aus einer Sicherung wieder her; oder entfernen Sie, wenn noch niemand darauf vertraut, beide, und starten Sie noch einmal: dann werden neue erzeugt.
identity-not-yet-valid-hint = Stellen Sie die Uhr dieser Maschine, wenn sie falsch geht.
identity-no-trust-store = diese Maschine hat keinen Speicher vertrauenswürdiger Zertifizierungsstellen, den firstlight kennt
identity-no-trust-store-hint = Installieren Sie das Werkzeug der Distribution dafür (`ca-certificates`), oder lassen Sie `trust` im Profil aus `pki.root.certificate` weg.
pki-issue = die Kryptobibliothek konnte es nicht erzeugen oder signieren
pki-no-crl-signer = seine Zertifizierungsstelle darf keine Sperrlisten signieren (Schlüsselverwendung `cRLSign`)
pki-other-key = es gehört zu einem anderen Schlüssel als dem, der da ist
pki-other-issuer = eine andere Zertifizierungsstelle hat es signiert als die, die da ist
pki-expired = es ist am { $at } abgelaufen
pki-not-yet-valid = es gilt ab { $at }, und die Uhr zeigt eine frühere Zeit

## Ein eigenes Zertifikat; jedes vollendet "`DATEI` taugt nicht: …"
own-form = sie ist weder PEM noch DER noch PKCS #12
own-pem = ein PEM-Block darin ist nicht zu lesen: er ist abgeschnitten oder wurde verändert
own-signed-data = sie ist PKCS #7, das firstlight nicht liest; `openssl pkcs7 -print_certs` macht PEM daraus
own-archive = sie ist PKCS #12 und nicht zu lesen: sie ist abgeschnitten, oder kein Programm schreibt sie mehr so
own-no-password = sie ist verschlüsselt, und es ist kein Passwort angegeben
own-other-password = sie ist mit einem anderen Passwort verschlüsselt
own-encryption = sie ist auf eine Art verschlüsselt, die firstlight nicht liest; `openssl pkcs12 -in DATEI -out chain.pem -nodes` oder, bei einem Schlüssel, `openssl pkey -in DATEI -out key.pem` nimmt das weg
own-no-certificate = es ist kein Zertifikat darin
own-certificate = was darin an der Stelle eines Zertifikats steht, ist keines
own-no-key-in-file = es ist kein privater Schlüssel darin
own-several-keys = es sind mehrere private Schlüssel darin, und niemand weiß, welcher gemeint ist
own-key = der private Schlüssel darin ist beschädigt oder von einer Art, die firstlight nicht liest: es muss RSA mit mindestens 2048 Bit, P-256 oder P-384 sein
own-other-key = das Zertifikat ist für einen anderen Schlüssel als den, der mit ihm angegeben ist
own-not-for-key-here = es ist kein Schlüssel dazu angegeben, und es ist für einen anderen als den der Appliance
own-no-key = es ist kein Schlüssel dazu angegeben, und die Appliance hat noch keinen
own-short-key = der Schlüssel von { $whose } hat { $bits } Bit, und niemand nimmt einen von RSA mit weniger als 2048
own-kind-of-key = der Schlüssel von { $whose } ist von einer Art, die Browser nicht nehmen: es muss RSA, P-256 oder P-384 sein
own-form-of-key = was seinen Schlüssel liest, nimmt die Form `{ $form }`, die Schlüssel einer anderen Art haben
own-authority = es ist das Zertifikat einer Zertifizierungsstelle und nicht das eines Servers
own-not-of-server = es ist nicht für einen Server: die erweiterte Schlüsselverwendung `serverAuth` fehlt
own-nameless = es ist nicht für { $lacks }: es hat keine alternativen Namen (subject alternative name), und auf den Common Name sieht niemand
own-names = es ist nicht für { $lacks }: seine Namen sind { $has }
own-expired = { $whose }: die Zeit ist seit { $at } vorbei
own-not-yet-valid = { $whose }: gültig ab { $at }, und die Uhr zeigt eine frühere Zeit
own-weak-digest = { $whose }: mit { $digest } unterschrieben, wofür Unterschriften gefälscht werden können
own-no-issuer = das Zertifikat von `{ $issuer }` fehlt; von dort ist unterschrieben: { $whose }
own-itself = Zertifikat
own-above = Zertifikat von `{ $name }` darüber
own-key-hint = Lassen Sie einen neuen Schlüssel und ein Zertifikat dafür machen: RSA mit mindestens 2048 Bit, P-256 oder P-384.
own-other-key-hint = Geben Sie den Schlüssel an, mit dem das Zertifikat beantragt wurde: in derselben Datei oder als PEM in einer eigenen.
own-not-for-key-here-hint = Geben Sie den Schlüssel dazu an; oder lassen Sie den eigenen der Appliance unterschreiben: `firstlight certificate request` gibt aus, was eine Zertifizierungsstelle dafür braucht.
own-form-of-key-hint = Nehmen Sie einen Schlüssel der Art, die das Profil selbst macht (`pki.leaf.algorithm`), oder bitten Sie den Hersteller um eine andere `key-form`.
own-server-hint = Bitten Sie die Zertifizierungsstelle um ein Zertifikat für einen TLS-Server (`serverAuth`, keine Zertifizierungsstelle) und geben Sie dieses an.
own-names-hint = Bitten Sie die Zertifizierungsstelle um ein Zertifikat mit diesen als alternativen Namen, oder ändern Sie die Adresse.
own-expired-hint = Bitten Sie die Zertifizierungsstelle um ein neues. Wenn seine Zeit nicht vorbei ist, stellen Sie die Uhr dieser Maschine.
own-not-yet-valid-hint = Stellen Sie die Uhr dieser Maschine, wenn es daran liegt; oder warten Sie bis dahin.
own-weak-digest-hint = Bitten Sie die Zertifizierungsstelle um eines, das mit SHA-256 oder besser unterschrieben ist.
own-no-issuer-hint = Nehmen Sie auch das Zertifikat von `{ $issuer }` in die Datei auf, und die darüber bis zur Wurzel; eine Wurzel, der diese Maschine vertraut, darf fehlen.
own-told = { $subject }, unterschrieben von { $issuer }, gültig bis { $until }, SHA-256 { $fingerprint }
own-ends-soon = { $told }; es endet in weniger als 30 Tagen: bitten Sie um das nächste
own-unfit = das Zertifikat in `{ $path }` taugt nicht: { $why }
own-unreadable = `{ $path }` taugt nicht: { $why }
own-file-hint = Geben Sie das Zertifikat mit allen darüber und seinem Schlüssel an: als PEM, oder als PKCS #12 mit dem Passwort.
own-password-hint = Geben Sie das Passwort an, mit dem die Datei exportiert wurde.
own-no-leaf = das Profil hat kein `[pki.leaf]`: diese Appliance zeigt kein eigenes Zertifikat
own-no-leaf-hint = Fragen Sie den Hersteller, wo ihr Zertifikat geändert wird.
own-not-set-up = diese Appliance hat noch keinen Schlüssel für ein Zertifikat
own-not-set-up-hint = Richten Sie sie zuerst ein; ein eigenes Zertifikat kann mit den Antworten angegeben werden (`[certificate]`).
shown-leaf = Die Appliance zeigt dieses Zertifikat:
shown-root = Ihre eigene Zertifizierungsstelle:
shown-subject = Inhaber: { $subject }
shown-issuer = Unterschrieben von: { $issuer }
shown-names = Namen: { $names }
shown-period = Gültig: { $from } bis { $until }
shown-fingerprint = SHA-256: { $fingerprint }
secrets-writing = { $object } wird geschrieben
secrets-unmarked = dass diese Einrichtung getan ist, kann auf dieser Maschine nicht vermerkt werden ({ $why }); der nächste Lauf vermerkt es
secrets-verified = { $all } sind zurückgelesen und geprüft
secrets-look-again = { $why }; es wird noch einmal nachgesehen
secrets-in-place = { $all } { $places ->
        [one] im Namespace
       *[other] in den Namespaces
    } { $namespaces } sind, wie sie sein sollen
secrets-kept = { $all } bleiben, wie sie sind: der Bootstrap hat sie übernommen, und die Appliance behält ihre Konten
secrets-license-new = die Lizenz im Cluster ist neu; der Bootstrap ist gelaufen und läuft dafür nicht noch einmal: die Appliance übernimmt die Lizenz, wenn sie dieses Secret das nächste Mal liest
scrub-none = { $object } enthält kein Klartextpasswort
scrub-removed = { $object } enthält das Klartextpasswort nicht mehr
scrub-stays = { $object } enthält unter `{ $key }` noch immer das Klartextpasswort: etwas anderes als firstlight verwaltet diesen Schlüssel
scrub-stays-hint = entfernen Sie es mit `kubectl -n { $namespace } patch secret { $secret } --type json -p '[{"{"}"op":"remove","path":"/data/{ $key }"{"}"}]'`, und starten Sie dann erneut
secrets-written = { $names } in { $places ->
        [one] den Namespace
       *[other] die Namespaces
    } { $namespaces } geschrieben und zurückgelesen
secrets-other-tenant = dieser Cluster gehört zu { $present }, aber der Code wurde für { $granted } ausgestellt; nichts wurde überschrieben
secrets-other-tenant-hint = wiederholen Sie den Lauf mit dem Code für { $present }; was dieser für { $granted } gebracht hat, ist im Journal aufbewahrt und gilt für diesen Code, wenn der Cluster neu installiert wird
secrets-not-persisted = { $object } ist anders als geschrieben: { $keys }
secrets-no-grant = es gibt weder eine Freigabe noch einen Mandanten, die geschrieben werden könnten
standing-several-tenants = die Objekte im Cluster gehören mehreren Mandanten: { $tenants }; nichts wurde überschrieben
standing-several-tenants-hint = stellen Sie fest, wem dieser Cluster gehört, und behalten Sie dessen Secret; bewahren Sie von dem des anderen Mandanten anderswo eine Kopie auf, bevor Sie es hier löschen, und wiederholen Sie den Lauf dann mit dem Code dessen, der bleibt
tenant-named = Mandant { $tenant } ({ $company })
tenant-unnamed = Mandant { $tenant }
secrets-hash = aus dem Passwort des Administrators konnte kein Hash gebildet werden

### The bootstrap
bootstrap-has-run = der Bootstrap `{ $release }` ist schon gelaufen
bootstrap-has-run-otherwise = der Bootstrap `{ $release }` ist schon gelaufen, mit anderen Werten als den jetzigen; diese werden nicht angewandt
bootstrap-left = der Bootstrap `{ $release }` ist schon gelaufen; seither hat etwas anderes das Release geändert und ist nicht zu Ende gekommen; daran wird nichts geändert
bootstrap-left-jobs = der Bootstrap `{ $release }` ist schon gelaufen; seither hat etwas anderes das Release geändert, und davon sind diese Jobs noch nicht fertig: { $jobs }; sie werden beobachtet, geändert wird an ihnen nichts
bootstrap-left-complete = der Bootstrap `{ $release }` ist schon gelaufen; seither hat etwas anderes das Release geändert, wovon jetzt abgeschlossen ist: Job { $jobs }
bootstrap-helm-works = ein `helm`, das ein früherer Lauf gestartet hat, arbeitet noch: auf sein Ende wird gewartet
bootstrap-removing-record = Helms Eintrag eines unterbrochenen Laufs wird entfernt ({ $status })
bootstrap-removing-job = der Job `{ $job }` eines früheren Laufs wird entfernt
bootstrap-runs-again = der Job `{ $job }` ist weg, und niemand hat sein Ende gesehen: er läuft noch einmal
bootstrap-installing = das Release `{ $release }` wird installiert
bootstrap-seen = Job `{ $job }`: { $seen }
bootstrap-ask-again = { $why }; es wird noch einmal gefragt
bootstrap-installed = das Release `{ $release }` ist installiert; abgeschlossen: Job { $jobs }
bootstrap-installed-without-job = das Release `{ $release }` ist installiert; es hat keinen Job, auf den zu warten wäre
bootstrap-failed = der Bootstrap-Job `{ $job }` ist fehlgeschlagen: { $seen }
bootstrap-timeout = der Bootstrap-Job `{ $job }` wurde in { $seconds } s nicht fertig: { $seen }
# Von einem Job gesagt, in bootstrap-timeout und bootstrap-failed.
bootstrap-not-deleted = er stammt von einem früheren Lauf und ist noch immer nicht gelöscht
bootstrap-missing = es gibt ihn nicht
# Was von einem Job, den es nicht mehr gibt, zu sehen war: eine Diagnose.
bootstrap-failed-and-gone = er wurde an seinem Ende aufgeräumt; zuletzt zu sehen: { $seen }
bootstrap-end-unseen = er wurde gelöscht, und sein Ende war nicht zu sehen; zuletzt zu sehen: { $seen }
bootstrap-nothing-seen = nichts

### What is seen of a Job
# Die Phase ist eine von Kubernetes: pending, running, succeeded, failed oder unknown.
diagnosis-pod = Pod `{ $pod }` { $phase ->
        [pending] wartet noch
        [running] läuft
        [succeeded] ist fertig
        [failed] ist fehlgeschlagen
       *[other] ist in der Phase { $phase }
    }
diagnosis-no-pod = noch wurde kein Pod angelegt
diagnosis-pod-refused = kein Pod wurde angelegt: { $why }
diagnosis-pod-refused-hint = berichtigen Sie, was die Meldung nennt (Quota, Admission, Service-Account), und wiederholen Sie den Lauf
diagnosis-suspended = er ist ausgesetzt und legt keinen Pod an
diagnosis-suspended-hint = sehen Sie nach, wer ihn aussetzt (`spec.suspend`), im Chart oder im Cluster, und wiederholen Sie den Lauf
diagnosis-pod-deleted = Pod `{ $pod }` wird gelöscht
diagnosis-pulling = Pod `{ $pod }` wartet auf sein Image, das geladen wird
# Den Container nennt diagnosis-init-container.
diagnosis-initializing = Pod `{ $pod }` wartet auf seinen { $container }
# Zwei Zustände eines Jobs, der neuere zuerst.
diagnosis-try-before = { $seen }; davor: { $before }
# Was von einem Job zu sehen war, und wie er endete.
diagnosis-and-end = { $seen }; { $end }
diagnosis-job-deadline = der Job gab nach { $seconds } s auf
diagnosis-job-back-off = der Job gab nach { $retries ->
        [one] einer Wiederholung
       *[other] { $retries } Wiederholungen
    } auf
diagnosis-job-end = der Job gab auf: { $why }
diagnosis-job-hint = sehen Sie `kubectl -n { $namespace } describe job { $job }` an, beheben Sie die Ursache, oder geben Sie ihm im Chart mehr Zeit, und wiederholen Sie den Lauf
# Von einem Pod gesagt, der läuft.
diagnosis-log-says = { $seen }; der letzte Fehler in seinem Protokoll: { $said }
# Der Grund ist einer von Kubernetes, wie FailedMount.
diagnosis-obstacle = Pod `{ $pod }` kann nicht starten ({ $reason }): { $why }
diagnosis-obstacle-hint = berichtigen Sie, was die Meldung nennt, und wiederholen Sie den Lauf
diagnosis-volume-hint = legen Sie an, was die Meldung nennt, oder berichtigen Sie das Volume im Chart, und wiederholen Sie den Lauf
diagnosis-sandbox-hint = bringen Sie das Netz oder die Container-Laufzeitumgebung dieser Maschine in Ordnung (siehe `kubectl describe node`), und wiederholen Sie den Lauf
diagnosis-evicted = Pod `{ $pod }` wurde verdrängt: { $why }
diagnosis-deadline = Pod `{ $pod }` brauchte länger, als seine Frist erlaubt
diagnosis-deadline-hint = finden Sie mit `kubectl -n { $namespace } logs { $pod }` heraus, worauf er gewartet hat, oder geben Sie ihm im Chart mehr Zeit, und wiederholen Sie den Lauf
diagnosis-no-room = Pod `{ $pod }` wurde vom Node abgelehnt: nicht genug { $resource }
diagnosis-room-hint = schaffen Sie auf dieser Maschine Platz, oder lassen Sie das Chart weniger verlangen, und wiederholen Sie den Lauf
# Der Grund ist einer von Kubernetes, wie PreemptionByScheduler.
diagnosis-pod-ended = Pod `{ $pod }` wurde von Kubernetes beendet ({ $reason }): { $why }
diagnosis-pod-ended-hint = sehen Sie `kubectl -n { $namespace } describe pod { $pod }` und `kubectl describe node` an, beheben Sie die Ursache, und wiederholen Sie den Lauf
diagnosis-no-node = Pod `{ $pod }` hat keinen Node: { $why }
diagnosis-no-node-hint = sehen Sie `kubectl get nodes` an: Ein Node muss Ready sein und Platz haben; wiederholen Sie dann den Lauf
diagnosis-claim-hint = legen Sie den Volume-Claim an, den die Meldung nennt, sehen Sie mit `kubectl get storageclass` nach, wer Volumes bereitstellt, und wiederholen Sie den Lauf
diagnosis-taint-hint = sehen Sie `kubectl describe node` an: Wofür der Taint steht, muss behoben oder vom Chart geduldet werden; wiederholen Sie dann den Lauf
diagnosis-selector-hint = berichtigen Sie Node-Selector oder Affinity im Chart, oder geben Sie dem Node das Label, und wiederholen Sie den Lauf
diagnosis-gated = Pod `{ $pod }` wird von einem Scheduling-Gate zurückgehalten
diagnosis-gated-hint = sehen Sie nach, wer das Gate öffnet (`spec.schedulingGates`), im Chart oder im Cluster, und wiederholen Sie den Lauf
diagnosis-no-reason = ein Grund ist nicht genannt
# Womit die Sätze über einen Container beginnen, oder was in ihrer Mitte steht.
diagnosis-container = Container `{ $name }`
diagnosis-init-container = Init-Container `{ $name }`
diagnosis-container-refused = { $container } des Pods `{ $pod }` lässt sich nicht anlegen: { $why }
diagnosis-container-refused-hint = berichtigen Sie im Chart oder in den Secrets, was die Meldung nennt, und wiederholen Sie den Lauf
diagnosis-unstarted = { $container } lässt sich nicht starten: { $why }
diagnosis-unstarted-hint = berichtigen Sie den Befehl im Chart, oder nennen Sie ein Image, das für diese Maschine gemacht ist, und wiederholen Sie den Lauf
diagnosis-image = das Image `{ $image }` lässt sich nicht laden: { $why }
diagnosis-image-hint = berichtigen Sie, was die Meldung nennt, und wiederholen Sie den Lauf
diagnosis-image-secret-hint = beheben Sie zuerst dies, und wiederholen Sie den Lauf: { $message }
diagnosis-image-no-image = das ist kein Name eines Images
diagnosis-image-no-image-hint = berichtigen Sie ihn im Chart, und wiederholen Sie den Lauf
diagnosis-image-absent = es ist nicht auf dieser Maschine und soll nicht geladen werden
diagnosis-image-absent-hint = es sollte mit dieser Maschine gekommen sein: importieren Sie es in die Container-Laufzeitumgebung, oder fragen Sie den Hersteller, und wiederholen Sie den Lauf
diagnosis-image-local = es ist nicht auf dieser Maschine, und `localhost` ist keine Registry
diagnosis-image-signature = seine Signatur wird nicht anerkannt
diagnosis-image-signature-hint = prüfen Sie, welche Signaturen die Container-Laufzeitumgebung für `{ $registry }` verlangt, und wiederholen Sie den Lauf
diagnosis-image-disk = der Datenträger dieser Maschine ist voll
diagnosis-image-disk-hint = schaffen Sie Platz, wo die Container-Laufzeitumgebung ihre Images ablegt, und wiederholen Sie den Lauf
diagnosis-image-proxy = der Proxy der Container-Laufzeitumgebung lässt sie nicht durch
diagnosis-image-proxy-hint = berichtigen Sie den Proxy der Container-Laufzeitumgebung, oder lassen Sie sie `{ $registry }` ohne Proxy erreichen, und wiederholen Sie den Lauf
diagnosis-image-no-name = der Name der Registry lässt sich nicht auflösen
diagnosis-image-no-name-hint = bringen Sie das DNS dieser Maschine dazu, `{ $registry }` aufzulösen, und wiederholen Sie den Lauf
diagnosis-image-clock = die Uhr dieser Maschine geht falsch
diagnosis-image-clock-hint = stellen Sie die Uhr dieser Maschine, und wiederholen Sie den Lauf
diagnosis-image-expired = nach der Uhr dieser Maschine ist das Zertifikat der Registry abgelaufen
diagnosis-image-expired-hint = prüfen Sie die Uhr dieser Maschine; geht sie richtig, lassen Sie das Zertifikat von `{ $registry }` erneuern; wiederholen Sie dann den Lauf
diagnosis-image-other-name = das Zertifikat der Registry ist für einen anderen Namen
diagnosis-image-other-name-hint = lassen Sie `{ $registry }` ein Zertifikat vorzeigen, in dem ihr eigener Name steht, und wiederholen Sie den Lauf
diagnosis-image-untrusted = dem Zertifikat der Registry wird nicht vertraut
diagnosis-image-untrusted-hint = nehmen Sie die Zertifizierungsstelle von `{ $registry }` in den Zertifikatsspeicher der Container-Laufzeitumgebung auf, und wiederholen Sie den Lauf
diagnosis-image-no-tls = die Registry spricht kein TLS
diagnosis-image-no-tls-hint = lassen Sie `{ $registry }` TLS sprechen, oder stellen Sie die Container-Laufzeitumgebung so ein, dass sie dort darauf verzichtet, und wiederholen Sie den Lauf
diagnosis-image-too-many = die Registry gibt vorerst nichts mehr heraus
diagnosis-image-too-many-hint = warten Sie, oder geben Sie der Container-Laufzeitumgebung Zugangsdaten für `{ $registry }`, und wiederholen Sie den Lauf
diagnosis-image-denied = die Registry verweigert den Zugriff
diagnosis-image-denied-hint = prüfen Sie den Namen des Images und die Zugangsdaten für `{ $registry }`, und wiederholen Sie den Lauf
diagnosis-image-platform = es gibt keines davon für den Prozessor dieser Maschine
diagnosis-image-platform-hint = nennen Sie im Chart ein Image, das für den Prozessor dieser Maschine gemacht ist, und wiederholen Sie den Lauf
diagnosis-image-foreign = an der Stelle der Registry antwortet etwas anderes
diagnosis-image-foreign-hint = prüfen Sie, was zwischen dieser Maschine und `{ $registry }` steht: eine Anmeldeseite oder ein Proxy; wiederholen Sie dann den Lauf
diagnosis-image-unknown = die Registry hat es nicht
diagnosis-image-unknown-hint = prüfen Sie Name und Tag des Images im Chart, und wiederholen Sie den Lauf
diagnosis-image-server = die Registry hat selbst einen Fehler
diagnosis-image-server-hint = warten Sie, bis `{ $registry }` wieder in Ordnung ist, und wiederholen Sie den Lauf
diagnosis-image-unreachable = die Registry ist nicht zu erreichen
diagnosis-image-unreachable-hint = prüfen Sie, ob diese Maschine `{ $registry }` erreicht, und wiederholen Sie den Lauf
# Die Bedeutung ist einer der Texte nach dem nächsten, oder nichts.
diagnosis-ended-with = { $container } endete mit Status { $status }{ $meaning }
diagnosis-ended-hint = sehen Sie `kubectl -n { $namespace } logs { $pod } -c { $container }` an, beheben Sie die Ursache, und wiederholen Sie den Lauf
diagnosis-not-executable = { " " }(ein Befehl ist nicht ausführbar)
diagnosis-no-command = { " " }(ein Befehl wurde nicht gefunden)
diagnosis-killed = { " " }(abgebrochen: SIGKILL)
diagnosis-told-to-end = { " " }(zum Ende aufgefordert: SIGTERM)
diagnosis-signal = { " " }(beendet vom Signal { $signal })
diagnosis-lost = { $container } ging verloren, wie bei einem Neustart dieser Maschine
diagnosis-lost-hint = wiederholen Sie den Lauf
# Die Grenze nennt diagnosis-limit, oder sie ist nichts.
diagnosis-out-of-memory = { $container } brauchte mehr Speicher als seine Grenze{ $limit } erlaubt (OOMKilled)
diagnosis-limit = { " " }von { $limit }
diagnosis-machine-memory = { $container } brauchte mehr Speicher, als diese Maschine noch hat (OOMKilled)
diagnosis-memory-hint = geben Sie dieser Maschine mehr Speicher, oder heben Sie die Grenze im Chart an, und wiederholen Sie den Lauf

### Starting the services of this machine
services-active = schon aktiv: { $units }
services-started = gestartet: { $units }
services-started-and-active = gestartet: { $units }; schon aktiv: { $active }
# It ends with the time, so that none is added to it.
service-waiting = es wird gewartet auf { $units }, { $seconds } s
service-missing = es gibt auf dieser Maschine keine Unit `{ $unit }`
service-missing-hint = installieren Sie, was `{ $unit }` mitbringt, oder berichtigen Sie `service` im Profil; wiederholen Sie dann den Lauf
service-masked = `{ $unit }` ist maskiert: niemand kann es starten
service-masked-hint = führen Sie `systemctl unmask { $unit }` aus, wenn es hier laufen soll, oder nehmen Sie es aus `service` im Profil; wiederholen Sie dann den Lauf
service-unreadable = systemd kann die Datei von `{ $unit }` nicht verwenden
service-unreadable-hint = `systemctl status { $unit }` sagt, was daran falsch ist: berichtigen Sie das, und führen Sie `systemctl daemon-reload` aus; wiederholen Sie dann den Lauf
service-unmet = `{ $unit }` wurde nicht gestartet: eine Bedingung in seiner Datei ist nicht erfüllt
service-unbegun = `{ $unit }` wurde nicht gestartet: etwas, das es braucht, ist nicht gestartet
service-unbegun-hint = `systemctl status { $unit }` und `journalctl -u { $unit }` nennen, was gemeint ist: berichtigen Sie das, und wiederholen Sie dann den Lauf
service-status = `{ $unit }` ist gescheitert: sein Programm endete mit Status { $status }
service-signal = `{ $unit }` ist gescheitert: sein Programm wurde durch Signal { $signal } beendet
service-failed = `{ $unit }` ist gescheitert: `{ $result }`
service-ended = `{ $unit }` wurde gestartet, und ist wieder zu Ende
service-hint = sehen Sie `systemctl status { $unit }` und `journalctl -u { $unit }` an, und berichtigen Sie, was dort steht; wiederholen Sie dann den Lauf
service-late = `{ $unit }` ist nach { $seconds } s nicht aktiv: { $state }
service-late-hint = sehen Sie `systemctl status { $unit }` und `journalctl -u { $unit }` an, und wiederholen Sie den Lauf, um weiter zu warten; wo es länger dauert, erhöhen Sie im Profil sein `timeout-seconds`

### Waiting for the appliance
ready-appliance = die Appliance
ready-all = bereit: { $names }
ready-signed-in = angemeldet: { $names }
ready-exposed = nicht versucht, weil das Passwort diese Maschine ohne TLS verließe: { $names }
ready-not-signed-in = nicht versucht, weil ein früherer Lauf die Appliance eingerichtet hat und ihr Passwort damals gewählt wurde: { $names }
ready-and-then = { $before }; { $next }
ready-absent = nicht erreichbar, wie es sein muss: { $absent }
ready-none = es war auf nichts zu warten
ready-nameless = auf { $name } wird nicht gewartet: dazu braucht es den Hostnamen der Appliance, der keine Antwort hat
# Am Ende steht die Zeit, damit keine weitere angehängt wird.
ready-waiting = es wird auf { $name } gewartet: { $why }, { $seconds } s
ready-waiting-seen = es wird auf { $name } gewartet: { $why }; { $seen }, { $seconds } s
ready-missing-too = { $before }; { $name }: { $why }
ready-not = { $name } ist nach { $seconds } s nicht bereit (`{ $url }`)
ready-not-seen = { $name } ist nach { $seconds } s nicht bereit (`{ $url }`): { $seen }
ready-not-absent = { $name } darf nicht erreichbar sein, und nach { $seconds } s antwortet dort etwas (`{ $url }`)
ready-not-absent-hint = lassen Sie die Appliance diese Adresse für sich behalten (eine Route des Ingress, ein Port eines Service, eine Firewall), oder berichtigen Sie `ready` im Profil; wiederholen Sie dann den Lauf
ready-login-refused = die Appliance läuft, nimmt aber das Passwort des Administrators nicht an: { $name } wird nach { $seconds } s mit Status { $status } abgelehnt (`{ $url }`)

## What is wrong with a profile or with answers
# Was hinter dem Pfad eines Schlüssels steht, und Hinweise, wie es zu berichtigen ist
file-missing = fehlt
file-no-toml = das ist kein TOML
file-syntax-hint = Zeichenketten brauchen Anführungszeichen; je Zeile ein `schlüssel = wert`
file-unknown = ist kein bekannter Schlüssel
file-meant = meinten Sie `{ $key }`?
file-known = hier bekannt: { $keys }
file-wrong-type = muss { $wanted } sein, nicht { $found }
file-text = eine Zeichenkette in Anführungszeichen
file-text-or-table = eine Zeichenkette in Anführungszeichen oder eine Tabelle
file-number = eine ganze Zahl ab 0
file-numbers = eine ganze Zahl, oder eine Liste davon
file-no-json = enthält etwas, wofür JSON keine Form hat, etwa eine Zeit
file-boolean = `true` oder `false`
file-list = eine Liste von Zeichenketten
file-scalar = eine Zeichenkette, eine ganze Zahl oder ein Wahrheitswert
file-table = eine Tabelle (`[{ $path }]`)
file-tables = eine Liste von Tabellen (`[[{ $path }]]`)
file-found-string = eine Zeichenkette
file-found-negative = eine negative Zahl
file-found-integer = eine ganze Zahl
file-found-float = eine Kommazahl
file-found-boolean = ein Wahrheitswert
file-found-datetime = ein Zeitpunkt
file-found-array = eine Liste
file-found-inline-table = eine Inline-Tabelle
file-found-table = eine Tabelle
file-found-tables = eine Liste von Tabellen
value-format = muss `base64:N`, `base64url:N` oder `hex:N` mit 16 bis 1024 Bytes sein, `password:N` mit ebenso vielen Zeichen, `uuid` oder `url(…)`
value-format-part = enthält `{ $part }`, was weder ein Format wie `hex:24` noch die Kennung eines anderen Wertes ist
value-format-apart = enthält einen Teil, der sich von dem dahinter nicht trennen lässt: hinter jedem muss ein Zeichen wie `@`, `:`, `/` oder `?` stehen, oder gar nichts
value-format-url = ist keine Adresse mit einem Teil in geschweiften Klammern, wie `{ $example }`
value-empty = { $what } ist leer
value-short = { $what } hat { $have } Zeichen; mindestens { $least } sind nötig
value-long = { $what } hat { $have } Zeichen; höchstens { $most } sind erlaubt
value-unseen = { $what } hat ein unsichtbares Zeichen oder Steuerzeichen ({ $character }) an Stelle { $position }
value-blank = { $what } hat ein ungewöhnliches Leerzeichen ({ $character }) an Stelle { $position }
secret-lines = Zeile { $line } ist nicht leer; die erste Zeile hat { $have } Zeichen, alle Zeilen haben { $all }
secret-line-empty = die erste Zeile ist leer, und Zeile { $line } nicht
value-form = { $what } hat nicht die Form `{ $form }`
value-must-be = { $what } muss { $wanted } sein
value-one-of = { $what } muss eines von { $choices } sein
value-twice = { $what } hat `{ $text }` doppelt
value-interface = { $what } ist weder der Name eines Anschlusses wie `eth0` noch seine Hardwareadresse wie `52:54:00:12:34:56`
value-vlan = { $what } muss eine ganze Zahl von 1 bis { $most } sein
value-prefixed = { $what } hat `{ $text }`; das ist keine IP-Adresse mit der Präfixlänge ihres Netzes wie `192.0.2.7/24`
value-prefix-missing = { $what } hat `{ $text }` ohne die Präfixlänge des Netzes, wie `{ $example }` dahinter
value-prefix-length = { $what } hat `{ $text }`, dessen Präfix keine Länge von 1 bis { $most } hat
value-prefixed-nobodys = { $what } hat `{ $text }`; das ist nicht die Adresse einer einzelnen Maschine in ihrem Netz
value-ip = { $what } hat `{ $text }`; das ist nicht die IP-Adresse einer Maschine
value-time-server = { $what } hat `{ $text }`; das ist weder ein Name wie `time.example.com` noch eine IP-Adresse
value-no-name = { $what } ist leer; gebraucht wird ein Name wie `appliance.example.com`
value-address = { $what } ist eine Adresse; gebraucht wird ein Name wie `appliance.example.com`
value-no-hostname = { $what } ist kein Name wie `appliance.example.com`: Buchstaben, Ziffern und innere Bindestriche, durch Punkte getrennt, ohne `https://`
value-url-empty = { $what } ist leer; gebraucht wird eine Adresse wie `https://appliance.example.com`
value-url-scheme = { $what } muss mit `http://` oder `https://` beginnen
value-url-user = { $what } enthält einen Benutzernamen, der nicht dazugehört
value-url-path = { $what } hat hinter dem Rechner einen Pfad; dort darf nur ein `/` stehen
value-url-query = { $what } hat hinter dem Rechner eine Abfrage (`?`); dort darf nur ein `/` stehen
value-url-fragment = { $what } hat hinter dem Rechner ein Fragment (`#`); dort darf nur ein `/` stehen
value-url-brackets = { $what } hat eine IPv6-Adresse ohne Klammern; schreiben Sie sie wie in `http://[2001:db8::1]`
value-url-no-ipv6 = { $what } hat Klammern um etwas, das keine IPv6-Adresse ist (eine mit Zone geht nicht)
value-url-port = { $what } hat einen Port, der keine Zahl von 1 bis 65535 ist
value-url-host = { $what } hat keinen brauchbaren Rechner: einen Namen wie `appliance.example.com` oder eine IP-Adresse
value-url-nowhere = { $what } nennt `{ $address }`, was nicht zu einer einzelnen Maschine führt
value-template = enthält `{ $part }`: bekannt sind { $known }; eine Klammer selbst wird doppelt geschrieben, wie in `{ $brace }`
answer-add = `{ $path }` hinzufügen
answer-add-form = `{ $path }` hinzufügen: { $form }
answer-without-certificate = sagt nichts ohne `certificate.file`, das Zertifikat, zu dem es gehört
network-mode-without-bond = { $what } sagt nichts ohne `network.bond`, die Anschlüsse, die wie einer arbeiten
network-vlan-over-itself = { $what } hat den Namen, den der Anschluss des VLAN selbst bekommt
network-bond-name = { $what } ist, wie der Bond heißt, und eine Hardwareadresse ist kein Name
network-bond-alone = { $what } hat einen Anschluss; ein Bond hat zwei oder mehr
network-bond-of-itself = { $what } hat `{ $name }`; so heißt der Bond selbst
network-gateway-alone = { $what } sagt nichts ohne eine eigene Adresse dieser Maschine: wer um eine bittet, erfährt auch das Gateway
network-gateway-apart = { $what } hat `{ $gateway }`; das liegt in keinem Netz, in dem diese Maschine eine Adresse hat
network-gateway-itself = { $what } hat `{ $gateway }`; das ist die eigene Adresse dieser Maschine
network-gateway-nobodys = { $what } hat `{ $gateway }`; das ist die Adresse keiner Maschine, sondern die des Netzes selbst oder die aller Maschinen darin
network-gateway-several = { $what } hat zwei von einer Art: je eines für IPv4 und IPv6 ist möglich
answer-without-disk = sagt nichts ohne `install.disk`, die Platte, um die es geht
answer-page-form = das ist keine URL (`https://…`)
answer-exceptions-alone = Ausnahmen sind solche von einem Proxy, und `proxy.url` fehlt
answer-token-alone = ein Token ist für eine Adresse, und `report.url` fehlt
answer-token-without-tls = ein Token wird nur über https gesendet
answer-unread = wurde nicht gelesen
answer-twice = ist doppelt angegeben: nur eines von `{ $key }`, `{ $file }` und `{ $credential }` verwenden
answer-text = ein Text mit höchstens { $most } Zeichen
answer-text-form = ein Text der Form `{ $form }`
answer-one-of = eines von { $choices }
answer-hidden = ein Geheimnis; oder `{ $id }-file`, `{ $id }-credential`
colour-form = ist keine Farbe; sie wird `#rrggbb` geschrieben, etwa `#0b7285`
pattern-form = ist kein regulärer Ausdruck: { $reason }
code-format-alphabet = das Alphabet braucht mindestens zwei Zeichen
code-format-character = das Alphabet darf nur `A`-`Z` und `0`-`9` enthalten, jedes einmal; `{ $character }` ist nicht erlaubt oder steht zweimal da
code-format-length = die Länge muss zwischen 4 und 64 liegen, nicht bei { $length }
profile-wordmark-large = ist zu groß; erlaubt sind { $lines } Zeilen mit je { $columns } Zeichen
profile-wordmark-characters = enthält etwas anderes als druckbare ASCII-Zeichen
profile-password-forms = `argon2id`, `scrypt` oder `plaintext`
profile-presences = `optional` oder `required`
profile-audiences = `required` oder `if-present`
profile-signed-keys = braucht `token-key-file`: ohne Schlüssel lässt sich keine Signatur prüfen
profile-signed-audience = braucht `token-audience = "required"`: ein Token ohne seinen Mandanten könnte jedem gehören
profile-classes = einige von `lower`, `upper`, `digit` und `symbol`
profile-symbols = muss nur aus Sonderzeichen bestehen: keine Buchstaben, Ziffern oder Leerzeichen
profile-secret-twice = ist auch der Name des Mandanten-Secrets
profile-key-unknown = ist kein Schlüssel dieses Secrets; seine Schlüssel sind { $keys }
profile-key-form = ist kein Schlüssel eines Secrets: erlaubt sind Buchstaben, Ziffern, `-`, `_` und `.`
profile-key-twice = ist der Name eines anderen Schlüssels dieses Secrets
profile-key-taken = der Schlüssel `{ $key }` ist schon vergeben
profile-key-hint = der Schlüssel im Secret
profile-chart-hint = der Ordner oder das `.tgz` des Bootstrap-Charts
profile-ready-url = ist keine Adresse mit `http://` oder `https://`
profile-ready-hint = die Adresse, die antwortet, sobald die Appliance läuft
profile-ready-two = nehmen Sie `url` oder `login`, nicht beides
profile-connect-to = ist keine IP-Adresse
profile-connect-to-name = braucht einen Namen in der Adresse, die gefragt wird: es steht anstelle dessen, wozu dieser aufgelöst wird
profile-ready-login = gehört nicht zu einem Eintrag mit `login`, der `method` und `status` selbst hat
profile-login-only = enthält `{"{"}email{"}"}` oder `{"{"}password{"}"}`, die nur in `json` und `form` eines `login` stehen dürfen
profile-login-plain = würde das Passwort ohne TLS senden: nehmen Sie `https://`; `http://` nur für `localhost` und Adressen wie `127.0.0.1`
profile-login-url-hint = wo sich der Administrator anmeldet
profile-login-methods = `POST`, `PUT` oder `PATCH`
profile-login-two = nehmen Sie `json` oder `form`, nicht beides
profile-login-hint = was zum Anmelden gesendet wird: `json` oder `form`
profile-login-password = hat `{ $placeholder }` in keinem seiner Texte: nichts wäre bewiesen
profile-unit = ist nicht der volle Name einer Unit, die sich starten lässt, wie `gateway.service` oder `queue@1.service`
profile-unit-hint = der volle Name der Unit, wie `gateway.service`
profile-dependent = muss `deployment:NAME`, `statefulset:NAME` oder `daemonset:NAME` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder `unit:NAME.service`
profile-unit-twice = ist schon die Unit eines anderen Eintrags (`{ $unit }`)
profile-reach-hint = die Adresse, die der Bootstrap braucht
profile-methods = `GET`, `HEAD`, `OPTIONS` oder `POST`
profile-statuses = muss ein Status von 200 bis 599 sein, oder eine Liste davon
profile-content-type = ist kein Content-Type ohne Parameter, wie `application/json`
profile-header = ist kein Header einer Anfrage: ein Name und ein Wert, wie HTTP sie erlaubt, und keiner, der sagt, wie ein Body begrenzt ist
profile-head-body = ist nie da: eine Antwort auf `HEAD` hat keinen Body
profile-license-url = ist keine Adresse mit `https://` und ohne Benutzernamen
profile-license-hint = die Adresse des Lizenzdienstes, etwa `https://license.example`
profile-path = ist kein absoluter Pfad
profile-folder = `{ $folder }` ist kein Ordner, den eine Appliance behalten könnte: Es muss ein eigener sein, etwa `/var/lib/NAME`
profile-folder-twice = `{ $folder }` und `{ $other }` liegen ineinander
profile-name = ist kein Name für Kubernetes: bis zu 53 Kleinbuchstaben, Ziffern und innere Bindestriche
profile-names = nennt etwas, das kein Name für Kubernetes ist: bis zu 63 Kleinbuchstaben, Ziffern und innere Bindestriche
profile-destination = muss `secret:NAME/KEY` oder `configmap:NAME/KEY` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder `file:PATH#VARIABLE`
profile-destination-open = darf nicht in einer ConfigMap stehen, die viele lesen können: was erzeugt wird, gehört in Secrets und Dateien
profile-pem-key = muss `secret:NAME/KEY` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder `file:PATH`
profile-pem-authority = muss `secret:NAME/KEY` oder `configmap:NAME/KEY` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, `file:PATH` oder `trust`
profile-pem-public = muss `secret:NAME/KEY` oder `configmap:NAME/KEY` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder `file:PATH`
profile-pem-key-hint = wohin der private Schlüssel kommt, etwa `"secret:appliance-pki/root.key"`
profile-certificate-hint = wohin das Zertifikat kommt, etwa `["secret:appliance-pki/root.crt"]`
profile-crl-hint = wohin die Liste kommt, etwa `["configmap:well-known/crl.pem"]`
profile-algorithms = `p-256`, `rsa-2048` oder `rsa-4096`
profile-key-forms = `pkcs8`, `pkcs1` oder `sec1`
profile-key-form-rsa = ist eine Form von RSA-Schlüsseln allein; einer von P-256 ist `pkcs8` oder `sec1`
profile-key-form-curve = ist eine Form von P-256-Schlüsseln allein; einer von RSA ist `pkcs8` oder `pkcs1`
profile-leaf-name = muss `{"{host}"}`, `{"{interface}"}`, ein DNS-Name oder eine IP-Adresse sein
profile-leaf-unasked = enthält `{"{host}"}`; dafür braucht es `ask = true` in `[endpoint]`, oder eine `url` ohne Antwort darin
profile-pki-root = braucht `[pki.root]`, die es signiert
profile-data = muss `claim:NAME` sein, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder `path:PATH`
profile-list-item = enthält `{ $item }`: { $reason }
profile-list-empty = ist leer
profile-rotations = `manual` oder `never`
profile-generate-twice = ist schon die Kennung eines anderen Wertes (`{ $id }`)
profile-generate-unknown = braucht unter den anderen einen Wert `{ $id }`, der selbst keine Adresse ist
profile-generate-never = wird aus `{ $id }` gemacht, das ersetzt werden darf (`rotate = "manual"`): dann muss auch dieser es dürfen
profile-target-taken = enthält `{ $target }`, wohin schon ein anderer Wert geht
profile-target-of-setup = enthält `{ $target }`: dieses Secret wird als Ganzes aus der Freigabe und den Antworten geschrieben
profile-mode = muss ein Modus wie `0640` sein, mit dem der Eigentümer lesen und schreiben darf, und nicht jeder
profile-format-hint = wie er aussieht, etwa `base64:32`
profile-targets-hint = wohin jede Kopie geht, etwa `["secret:broker-env/STATE_KEY"]`
profile-number = muss zwischen { $least } und { $most } liegen, nicht bei { $have }
profile-min = ist größer als `max`, also als { $max }
profile-url-unasked = braucht `ask = true`: `{ $hostname }` steht für die Antwort
profile-endpoint-url = ist keine Adresse mit `http://` oder `https://` wie `https://{ $hostname }/`
profile-value-unasked = braucht `ask = true`: sonst gibt es keine Antwort
profile-endpoint-kinds = `hostname` oder `url`
profile-schemes = `http` oder `https`
profile-sources = einige von `answer`, `metadata`, `interface` und `hostname`, jedes einmal
profile-sources-answer = braucht `answer`: Was eine Maschine herausfindet, muss sich berichtigen lassen
profile-sources-url = braucht `kind = "url"`: Ein Rechnername kommt nur aus einer `answer`
profile-targets-unasked = braucht `ask = true` oder eine `url`, die ohne Antwort feststeht: sonst gibt es keine Adresse
profile-endpoint-target = muss nach `value:PATH`, `secret:NAME/KEY` oder `configmap:NAME/KEY` gehen, mit `NAMESPACE/` vor dem Namen, wenn es ein anderer ist, oder nach `file:PATH#VARIABLE`
profile-target-line = enthält ein `'` oder einen Zeilenumbruch: beides kann eine Variable in einer Datei nicht haben
profile-target-value-list = enthält `keep`: Ein Helm-Wert wird als Ganzes gesetzt und ist keine Liste, zu der etwas hinzukommt
profile-target-list = enthält ein Leerzeichen, einen Zeilenumbruch oder `{ $separator }`: In einer Liste mit `{ $separator }` zwischen den Texten kann das kein Text haben
profile-target-text-hint = der Text, etwa `{ $example }`
profile-separators = `,`, `;` oder ein Leerzeichen
profile-place-taken = ist ein Ort, an den schon ein anderer Wert geht
profile-place-of-setup = liegt in einem Secret, das als Ganzes aus der Freigabe und den Antworten geschrieben wird
profile-value-unread = braucht ein `[bootstrap]`: nichts anderes liest Helm-Werte
profile-value-path = ist nicht der Pfad eines Helm-Werts wie `ingress.host`
profile-value-taken = ist schon durch etwas anderes gesetzt (`{ $other }`)
profile-questions = ist eine Frage zu viel; { $most } sind erlaubt
profile-id = muss aus Kleinbuchstaben, Ziffern und inneren Bindestrichen bestehen
profile-id-hint = ein Name wie `{ $example }`
profile-id-taken = `{ $id }` ist schon ein Schlüssel für die Antwort auf eine andere Frage
profile-label-hint = wonach gefragt wird
profile-help = muss aus bis zu { $most } Zeichen bestehen, die sich anzeigen lassen
profile-kinds = `text`, `choice`, `boolean`, `number` oder `secret`
profile-choices-hint = eine Liste wie `{ $example }`
profile-choice-hint = die Antwort selbst
profile-choice-space = beginnt oder endet mit Leerraum
profile-choice-twice = ist schon der Wert einer anderen Möglichkeit
profile-secret-default = ein Geheimnis hat keinen Vorgabewert: er wäre für alle derselbe
profile-secret-value = ein Geheimnis darf nur in ein Secret: stattdessen `secret-key` verwenden
profile-two-targets = entweder `value` oder `secret-key` verwenden, nicht beide
profile-target-hint = wohin die Antwort kommt: `value` (ein Helm-Wert) oder `secret-key` (ein Schlüssel eines Secrets)
profile-secrets = `tenant` oder `license`
# Was der Lizenzdienst und die Dateien eines Profils bringen, also niemand hier eingegeben hat
tenant-id-form = `{ $text }` ist keine Mandanten-ID (eine UUID wie `7d3f2b60-95a1-4b8e-9d12-3c1f0a4e5b66`)
edition-unknown = die Edition `{ $edition }` ist dieser Version von firstlight nicht bekannt
grant-unreadable = was als Antwort des Lizenzdienstes kam, ist nicht lesbar: { $why }
grant-form = die Antwort des Lizenzdienstes ist keine Freigabe
grant-tenant = die Antwort des Lizenzdienstes nennt keinen brauchbaren Mandanten
grant-edition = der Lizenzdienst hat eine Edition freigegeben, die hier nicht zu gebrauchen ist
grant-missing = der Lizenzdienst hat eine kostenpflichtige Edition ohne `{ $part }` freigegeben
grant-check-in = `check_in_url` in der Antwort des Lizenzdienstes ist keine https-Adresse
token-signature = das Lizenz-Token ist nicht mit dem Schlüssel signiert, den das Profil vorgibt, oder ist beschädigt
token-form = das Lizenz-Token kann nicht gelesen werden
token-no-tenant = das Lizenz-Token sagt nicht, für welchen Mandanten es ausgestellt ist (`aud`)
misread-at = was in Zeile { $line } ab Spalte { $column } steht, ist nicht zu verstehen
misread-short = es endet zu früh
misread-somewhere = es ist nicht zu verstehen
misread-nothing = es enthält nichts dergleichen
token-tenant = das Lizenz-Token ist nicht für den Mandanten { $tenant } ausgestellt
token-expired = das Lizenz-Token gilt jetzt nicht (es ist abgelaufen)
token-early = das Lizenz-Token gilt jetzt nicht (seine Zeit ist noch nicht gekommen)
token-key-form = das ist nicht das PEM eines öffentlichen Schlüssels für Ed25519, P-256 oder RSA
token-key-set = dieses JSON enthält keinen öffentlichen Ed25519-, P-256- oder RSA-Schlüssel für Signaturen (`keys`, RFC 7517)
token-key-none = es ist kein Schlüssel darin
certificates-read = sie kann nicht gelesen werden
certificates-unended = das Zertifikat, das in Zeile { $line } beginnt, hat kein Ende
certificates-unusable = das Zertifikat, das in Zeile { $line } beginnt, ist beschädigt oder taugt nicht als Zertifizierungsstelle
certificates-label = darin steht `{ $label }`, wo `CERTIFICATE` stehen muss
certificates-none = es ist kein Zertifikat darin
fingerprint-form = `{ $text }` ist kein SHA-256-Fingerabdruck (32 Paare von Hex-Ziffern mit Doppelpunkten dazwischen)

## What checks of files say
check-answers-sound = die Antworten sind vollständig und wohlgeformt; der Code wird geprüft, wenn er verwendet wird
check-profile-sound = das Profil ist in Ordnung
check-profile-missing = `{ $setting }` nennt `{ $path }`, das es auf dieser Maschine nicht gibt: es wurde nicht geprüft

## Recordings
replay-foreign = das ist keine Aufzeichnung: die erste Zeile ist keine, die `--record` schreibt
replay-foreign-hint = geben Sie die Datei an, die mit `--record` genannt wurde
replay-format = die Aufzeichnung hat Format { $format }, und diese Version liest Format { $ours }; firstlight { $by } hat sie geschrieben
replay-format-hint = spielen Sie sie mit firstlight { $by } ab
replay-version-hint = spielen Sie sie mit der Version ab, die sie geschrieben hat
replay-profile = das Profil in der Aufzeichnung ist nicht zu gebrauchen: { $problem }
replay-missing = es gibt keine Nachricht { $at }: die Aufzeichnung hat { $last }
replay-missing-hint = geben Sie eine Zahl von 1 bis { $last } an
replay-print = die Bildschirme können nicht ausgegeben werden
replay-print-hint = sehen Sie nach, wohin die Ausgabe geht
replay-note = Anmerkung: nach #{ $count }: { $note }
replay-cut-off = die letzte Zeile ist abgeschnitten
replay-passed-over = Zeile { $number } wird übergangen: { $reason }
replay-passed-over-unknown = Zeile { $number } wird übergangen: diese Version liest `{ $kind }` nicht
replay-left = der Assistent wurde mit Exit-Code { $code } verlassen
replay-no-page = die Aufzeichnung geht bei { $place } weiter, was es nicht gibt
replay-other-page = die Aufzeichnung geht bei { $place } weiter, nicht bei { $found }
replay-place = { $page }, Feld { $field }
replay-place-asking = { $page }, Feld { $field }, mit der Frage `{ $ask }`
replay-screen = (ein Bildschirm von { $columns }x{ $rows })
replay-opened = der Assistent wird geöffnet
replay-key = Taste { $name }
replay-paste = { $characters } Zeichen werden eingefügt
replay-resized = Größe jetzt { $columns }x{ $rows }
replay-tick = { $elapsed } ms vergehen
replay-described = die Schritte werden beschrieben
replay-network = das Netz wird angesehen
replay-network-trial = ein Netz wird ausprobiert
replay-rehearsal = Prüfung: { $event }
replay-run = Lauf: { $event }
replay-broken-off = abgebrochen
replay-saved = ein Bericht ist gespeichert
replay-layout = eine Tastaturbelegung ist geladen, oder auch nicht
replay-disks = die Platten dieser Maschine
replay-installation = Installation: { $event }
replay-not-restarted = die Maschine startet nicht neu
replay-leader = wer führt
replay-left-behind = das Scheitern eines Laufs ohne Terminal
replay-invited = die Einrichtung ist über SSH zu erreichen, oder auch nicht
replay-proxy = ein anderer Proxy wird benutzt, oder auch nicht
replay-clock = die Uhr ist gestellt, oder auch nicht
replay-admission = wer weitermachen darf
replay-signed-in = was aus der Anmeldung wurde
replay-judged = das Passwort ist beurteilt
replay-hangup = ein Signal, oder das Terminal ist weg

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
error-answers-source-meaning = Dieser Maschine ist gesagt, wo ihre Antworten sind, und dort sind sie nicht zu bekommen. Nie wird stillschweigend stattdessen gefragt.
error-answers-source-remedy = Berichtigen Sie, was gesagt ist, auf der Kommandozeile des Kernels oder auf dem Datenträger, und starten Sie die Maschine neu; oder geben Sie die Antworten an einer Konsole ein.
error-answers-invalid-remedy = Berichtigen Sie die aufgeführten Antworten. `firstlight answers check FILE` wiederholt die Prüfung ohne Nebenwirkungen.
error-certificate-unfit-meaning = Das angegebene Zertifikat, sein Schlüssel oder sein Passwort taugt nicht: jeder Grund ist aufgeführt. Nichts wurde geschrieben.
error-certificate-unfit-remedy = Beheben Sie, was aufgeführt ist, oder lassen Sie das Zertifikat weg: dann unterschreibt die eigene Zertifizierungsstelle der Appliance eines. `firstlight certificate show` sagt, welches da ist.
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
error-code-superseded-meaning = Für denselben Mandanten wurde ein neuerer Installationscode ausgestellt; dieser gilt nicht mehr. Verbraucht wurde nichts.
error-code-superseded-remedy = Verwenden Sie den Code der neuesten E-Mail, oder bitten Sie den Hersteller um einen.
error-license-unavailable-meaning = Der Lizenzdienst kann jetzt nicht antworten: Er ist außer Betrieb oder überlastet, oder er hat nicht rechtzeitig geantwortet.
error-license-unavailable-remedy = Wiederholen Sie den Lauf später: Der Code ist aufbewahrt, und ihn noch einmal zu senden schadet nicht.
error-license-refused-meaning = Der Lizenzdienst hat aus einem eigenen Grund abgelehnt, der weder am Code liegt noch von selbst vergeht.
error-license-refused-remedy = Nennen Sie dem Hersteller den Status und was der Dienst sagt. Der Installationscode ist aufbewahrt, und ihn später noch einmal zu senden schadet nicht.
error-license-url-meaning = Der Host aus der `license.url` des Profils antwortet, hat unter dieser Adresse aber keinen Lizenzdienst.
error-license-url-remedy = Berichtigen Sie `license.url` im Profil. Der Installationscode ist aufbewahrt, und ihn noch einmal zu senden schadet nicht.
error-license-blocked-meaning = Eine Firewall, ein Gateway, ein Filter oder eine Anmeldeseite des Netzes hat die Anfrage anstelle des Lizenzdienstes abgelehnt.
error-license-blocked-remedy = Bitten Sie den Administrator des Netzes, oder den Hersteller, wenn der Filter seiner ist, `POST /register` zum Lizenzdienst durchzulassen. Den Code später noch einmal zu senden schadet nicht.
error-license-answer-meaning = Was als Antwort des Lizenzdienstes kam, lässt sich nicht lesen: vielleicht hat etwas anderes an seiner Stelle geantwortet.
error-license-answer-remedy = Suchen Sie zwischen dieser Maschine und dem Dienst nach einer Anmeldeseite des Netzes (Captive Portal) oder einem Proxy. Gibt es keines von beiden, sagen Sie es dem Hersteller; den Code später noch einmal zu senden schadet nicht.
error-grant-unusable-meaning = Der Lizenzdienst hat für den Code etwas gewährt, das hier nicht zu gebrauchen ist: eine Ausgabe, die diese Version nicht kennt, oder eine Lizenz, die sich nicht prüfen lässt. Der Code ist verbraucht, das Gewährte aufbewahrt.
error-grant-unusable-remedy = Senden Sie dem Support des Herstellers die Meldung, oder aktualisieren Sie firstlight; der nächste Lauf macht mit dem weiter, was aufbewahrt ist.
error-name-resolution-meaning = Der Rechnername des Lizenzdienstes lässt sich nicht auflösen.
error-name-resolution-remedy = Berichtigen Sie die DNS-Server dieser Maschine, oder fragen Sie den Administrator des Netzes; wiederholen Sie dann den Lauf.
error-proxy-meaning = Der Proxy, der als Weg zum Lizenzdienst genannt ist, ist keiner, ist nicht erreichbar oder weist ab.
error-proxy-remedy = Berichtigen Sie den Proxy (P auf der Netzseite des Assistenten, `[proxy]` der Antworten, oder die Umgebungsvariable, die die Meldung nennt), oder bitten Sie die Netzwerkverwaltung, den Proxy zum Lizenzdienst durchzulassen; `NO_PROXY` nimmt Hosts von ihm aus.
error-tls-untrusted-meaning = Das Zertifikat, das für den Lizenzdienst vorgelegt wurde, stammt von einer Stelle, der diese Maschine nicht vertraut; bei Proxys, die TLS mitlesen, ist das so.
error-tls-untrusted-remedy = Bitten Sie den Administrator des Netzes, den Lizenzdienst vom Mitlesen auszunehmen, oder um den Fingerabdruck der Stelle, die mitliest, und nennen Sie ihn (P auf der Netzseite des Assistenten, `proxy.ca` der Antworten) oder die Datei ihres Zertifikats.
error-tls-failed-meaning = Die TLS-Verbindung zum Lizenzdienst kam nicht zustande.
error-tls-failed-remedy = Suchen Sie zwischen dieser Maschine und dem Lizenzdienst nach Proxys oder Firewalls, die TLS stören.
error-unreachable-meaning = Etwas, das der Bootstrap aus dem Netzwerk braucht, etwa eine Registry, ist von dieser Maschine aus nicht zu erreichen oder antwortet nicht, wie es das Profil sagt.
error-unreachable-remedy = Berichtigen Sie das Netzwerk dieser Maschine, oder bitten Sie die Netzwerkverwaltung, sie die Adresse erreichen zu lassen, die die Meldung nennt, unmittelbar oder über einen Proxy (`HTTPS_PROXY`); wiederholen Sie dann den Lauf.
error-network-taken-back-meaning = Auf dieser Maschine wurde ein anderes Netz ausprobiert, mit dem sie nicht erreicht hat, was sie vorher erreichte. Sie hat wieder das von vorher.
error-network-taken-back-remedy = Berichtigen Sie `[network]` in den Antworten nach dem, was die Meldung nennt (Kabel, Adresse, Gateway, DNS-Server), und wiederholen Sie den Lauf.
error-network-interface-meaning = Die Antworten nennen für das Netz einen Anschluss, den diese Maschine nicht hat, oder keinen, wo sie mehrere hat. Nichts wurde verändert.
error-network-interface-remedy = Nennen Sie einen der Anschlüsse, die die Meldung aufzählt; in einer Antwortdatei ist das `network.interface`.
error-network-unmanaged-meaning = Das Netz dieser Maschine betreibt nicht systemd-networkd, durch das allein firstlight es ändert. Nichts wurde verändert.
error-network-unmanaged-remedy = Lassen Sie `[network]` in den Antworten weg und ändern Sie das Netz mit dem, was es betreibt, oder lassen Sie es systemd-networkd betreiben (`systemctl enable --now systemd-networkd`).
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
error-field-conflict-remedy = Sorgen Sie dafür, dass dieses Programm das Objekt nicht mehr verwaltet, nehmen Sie die genannten Felder heraus (`kubectl edit`) und wiederholen Sie den Lauf: firstlight schreibt sie neu. Löschen Sie nicht das Secret des Mandanten, dem der Cluster gehört.
error-not-persisted-meaning = Ein Objekt, das aus dem Cluster zurückgelesen wurde, ist anders, als es geschrieben wurde.
error-not-persisted-remedy = Suchen Sie nach einem Admission-Webhook oder Controller, der in diesem Namespace Secrets verändert. Die Freigabe ist im Journal aufbewahrt; wiederholen Sie den Lauf, wenn das behoben ist.
error-other-tenant-meaning = Der Cluster, oder ein Teil davon, gehört einem anderen Mandanten. Nichts wurde überschrieben, und was ein Code dieser Maschine gebracht hat, ist im Journal aufbewahrt.
error-other-tenant-remedy = Verwenden Sie einen Code für den Mandanten, dem der Cluster gehört, oder installieren Sie den Cluster neu, wenn er den Besitzer wechseln soll; dann gilt ein Code, den diese Maschine schon verwendet hat, ohne einen neuen.
error-other-code-meaning = Diese Maschine oder ihr Cluster wurde mit einem anderen Installationscode eingerichtet. Der angegebene Code wurde nicht gesendet und gilt wie zuvor.
error-other-code-remedy = Geben Sie den Code an, mit dem diese Maschine eingerichtet wurde. Soll dieser trotzdem verwendet werden, etwa ein neu ausgestellter Code über alten Daten oder für eine andere Edition, dann sagen Sie es: U im Assistenten, oder `change = true` unter `[license]` in einer Antwortdatei.
error-copies-differ-meaning = Ein eigener Wert dieser Appliance steht an mehreren Stellen, und nicht als derselbe. Nichts wurde überschrieben.
error-copies-differ-remedy = Stellen Sie fest, mit welcher Kopie die Daten geschrieben wurden (die Prüfzeichen sind die ersten 8 Stellen von SHA-256), setzen Sie diese an den anderen Stellen ein oder entfernen Sie jene, und starten Sie noch einmal.
error-value-malformed-meaning = Ein eigener Wert dieser Appliance ist da und sieht nicht so aus, wie es das Profil sagt. Er wurde nicht überschrieben.
error-value-malformed-remedy = Setzen Sie den richtigen Wert ein, oder berichtigen Sie sein Format im Profil.
error-key-lost-meaning = Ein Wert fehlt, mit dem Daten geschrieben wurden, die noch da sind. Ein neuer wurde nicht erzeugt, weil er diese Daten nicht lesen könnte.
error-key-lost-remedy = Stellen Sie den Wert aus einer Sicherung wieder her, oder entfernen Sie die Daten, wenn sie nichts wert sind.
error-certificate-faulty-meaning = Ein Zertifikat der eigenen Zertifizierungsstelle dieser Appliance gehört nicht zu seinem Schlüssel oder seinem Aussteller, oder seine Zeit ist vorbei. Nichts wurde überschrieben.
error-certificate-faulty-remedy = Stellen Sie Schlüssel und Zertifikat als das Paar aus einer Sicherung wieder her, das sie waren, oder stellen Sie die Uhr, wenn sie falsch geht, und starten Sie noch einmal.
error-file-unusable-meaning = Eine Datei eines anderen Programms, die einen Wert dieser Appliance enthalten soll, lässt sich nicht lesen oder schreiben.
error-file-unusable-remedy = Berichtigen Sie ihre Rechte oder ihren Inhalt, oder das Profil, wenn es die falsche Datei oder Gruppe nennt.
error-not-live-meaning = Es gibt nichts, wovon zu installieren wäre: Dieses System wurde nicht vom Abbild einer Appliance gestartet.
error-not-live-remedy = Starten Sie die Maschine vom Abbild, und installieren Sie von dort.
error-disk-unfit-meaning = Keine Platte wurde gefunden, auf der sich installieren ließe, oder die genannte geht nicht; es wird gesagt, warum. Nichts wurde geschrieben.
error-disk-unfit-remedy = Nennen Sie eine andere Platte (`--disk`), oder schließen Sie eine an. `lsblk` zählt sie alle auf.
error-disk-occupied-meaning = Auf der Platte ist etwas, wovon niemand gesagt hat, dass es verschwinden darf. Nichts wurde geschrieben.
error-disk-occupied-remedy = Installieren Sie auf eine andere Platte; oder sagen Sie, wenn das Genannte verloren gehen darf, `--erase foreign`.
error-install-failed-meaning = Das Abbild konnte nicht als Ganzes auf die Platte gebracht werden; es wird gesagt, woran es scheiterte. Die Platte startet jetzt womöglich nicht von selbst; die Daten einer Appliance darauf sind, was sie waren.
error-install-failed-remedy = Beheben Sie, was genannt ist, oder nehmen Sie eine andere Platte, und installieren Sie noch einmal.
error-helm-missing-meaning = Der Bootstrap braucht den Befehl `helm`, und der wurde nicht gefunden oder ist zu alt.
error-helm-missing-remedy = Installieren Sie `helm` in den PATH von firstlight, oder geben Sie mit `bootstrap.helm` im Profil an, wo es liegt.
error-bootstrap-failed-meaning = Der Bootstrap ist fehlgeschlagen; der Satz nennt, was im Cluster zu sehen war.
error-bootstrap-failed-remedy = Beheben Sie, was im Cluster zu sehen war, und wiederholen Sie dann den Lauf: Was schon da ist, bleibt.
error-bootstrap-timeout-meaning = Der Bootstrap wurde nicht in der Zeit fertig, die das Profil lässt; vielleicht läuft er noch.
error-bootstrap-timeout-remedy = Wiederholen Sie den Lauf, um weiter zu warten; was zu sehen war und nicht von selbst vergeht, beheben Sie vorher.
error-not-ready-meaning = Der Bootstrap wurde fertig, aber die Appliance wurde nicht rechtzeitig bereit.
error-not-ready-remedy = Wiederholen Sie den Lauf, um weiter zu warten; die Meldung nennt, was nicht geantwortet hat.
error-login-refused-meaning = Die Appliance läuft, lehnt aber die Anmeldung mit der E-Mail-Adresse des Administrators und dem Passwort ab, das angegeben wurde.
error-login-refused-remedy = Wiederholen Sie den Lauf: die Anmeldung wird erneut versucht, und nichts wird zweimal geschrieben. Wird sie wieder abgelehnt, sagen Sie es dem Hersteller: der Bootstrap hat das Konto anders angelegt, oder das Profil sagt falsch, wie man sich anmeldet (`ready`). Eine Appliance, die ihre Konten schon vorher hatte, behält deren Passwörter.
error-service-unusable-meaning = Eine Unit, die das Profil gestartet haben will, ist nicht auf dieser Maschine, ist maskiert, oder hat eine Datei, die systemd nicht verwenden kann.
error-service-unusable-remedy = Installieren oder berichtigen Sie die Unit, oder berichtigen Sie `service` im Profil.
error-service-failed-meaning = Ein Dienst dieser Maschine wurde mit dem gestartet, was die Einrichtung gemacht hat, und ist gescheitert.
error-service-failed-remedy = Sehen Sie `systemctl status` und `journalctl -u` der Unit an, berichtigen Sie, was dort steht, und wiederholen Sie den Lauf: was schon da ist, bleibt.
error-service-timeout-meaning = Ein Dienst dieser Maschine wurde nicht in der Zeit aktiv, die das Profil zulässt; vielleicht startet er noch.
error-service-timeout-remedy = Wiederholen Sie den Lauf, um weiter zu warten; wo nicht von selbst vergeht, was gesehen wurde, berichtigen Sie es zuerst.
error-systemd-unusable-meaning = Das Profil will Dienste dieser Maschine gestartet haben, und systemd kann nicht darum gebeten werden.
error-systemd-unusable-remedy = Führen Sie firstlight als root auf einer Maschine aus, auf der systemd mit dem Systembus (`dbus`) läuft, oder nehmen Sie `service` aus dem Profil; wiederholen Sie dann den Lauf.
error-disk-low-meaning = Auf der Platte ist zu wenig Platz frei.
error-disk-low-remedy = Machen Sie so viel frei, wie genannt ist, oder schließen Sie eine größere Platte an, und wiederholen Sie den Lauf.
error-memory-low-meaning = Es ist zu wenig Arbeitsspeicher frei.
error-memory-low-remedy = Geben Sie der Maschine so viel, wie genannt ist, und wiederholen Sie den Lauf.
error-threads-low-meaning = Es lassen sich keine Threads mehr starten: die Maschine oder eine Grenze, unter der dieser Prozess läuft, lässt keine mehr zu.
error-threads-low-remedy = Beenden Sie, was sie belegt, oder heben Sie die Grenze an (`ulimit -u`, `TasksMax=` einer systemd-Unit, die Grenze für PIDs eines Containers), und wiederholen Sie den Lauf. Es wurde nichts begonnen.
error-state-unwritable-meaning = In das Zustandsverzeichnis lässt sich nicht schreiben, und ohne es könnte der Code bei einem Stromausfall verloren gehen.
error-state-unwritable-remedy = Machen Sie Platz auf der Platte, oder berichtigen Sie die Zugriffsrechte des genannten Verzeichnisses, und wiederholen Sie den Lauf. Ein Code, der nicht gesendet wurde, bleibt gültig.
error-state-volatile-meaning = Das Zustandsverzeichnis liegt im Arbeitsspeicher. Ein Stromausfall oder Neustart würde verlieren, wofür der Installationscode verbraucht wurde.
error-state-volatile-remedy = Hängen Sie an der genannten Stelle eine Platte ein, oder installieren Sie das System auf einer, bevor es eingerichtet wird. Wird es nur ausprobiert, lässt `machine.volatile-state = true` im Profil es durchgehen.
error-journal-unreadable-meaning = Das Journal eines früheren Laufs ist da, lässt sich aber nicht lesen.
error-journal-unreadable-remedy = Behalten Sie die Datei, und halten Sie sie geheim: Vielleicht steht in ihr die einzige Kopie einer Freigabe, im Klartext. Aktualisieren Sie firstlight, oder bitten Sie den Support des Herstellers um einen neuen Code; die Datei braucht er dazu nicht.
error-sign-in-needed-meaning = Diese Appliance ist eingerichtet. An ihrem eigenen Terminal wird sie nur dem gezeigt und von dem geändert, der sich mit dem Passwort des Administrators anmeldet, wie es bei der Einrichtung gewählt wurde.
error-sign-in-needed-remedy = Starten Sie firstlight noch einmal, und melden Sie sich an. Wer auf dieser Maschine root ist, kann denselben Befehl ohne Terminal ausführen (eine Einrichtung mit `--answers FILE`) und wird nicht gefragt.
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
exit-25 = den Hersteller fragen (der Lizenzdienst hat aus einem eigenen Grund abgelehnt)
exit-30 = Kubernetes ist nicht zu erreichen
exit-31 = Kubernetes hat abgelehnt (Rechte, Admission)
exit-32 = dieser Cluster gehört einem anderen Mandanten
exit-33 = diese Maschine wurde mit einem anderen Code eingerichtet: geben Sie jenen ein, oder sagen Sie, dass dieser gelten soll
exit-34 = ein eigener Schlüssel dieser Maschine ist verloren, oder seine Kopien widersprechen sich: stellen Sie den richtigen wieder her
exit-40 = der Bootstrap ist fehlgeschlagen: siehe die Ursache
exit-41 = der Bootstrap wurde nicht rechtzeitig bereit
exit-50 = diese Maschine: Platte, Rechte, Arbeitsspeicher
exit-51 = diese Maschine: die Uhr geht falsch
exit-70 = ein Fehler im Programm: den Bericht senden
exit-130 = vom Bediener angehalten, nichts verloren
