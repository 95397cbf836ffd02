# Every text that a person reads in the wizard. Ids begin with the page or the part that they belong to.
# Sentences end with a full stop, labels and fragments do not; literals stand in `backticks`.

## Frame
step-of = { $step }/{ $steps }

## Welcome
welcome-title = Welcome

## Install code
code-title = Install code

## Administrator
administrator-title = Administrator

## Password
password-title = Password

## Review
review-title = Review

## Progress
progress-title = Progress

## Done
done-title = Done
