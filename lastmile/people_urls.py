"""Addresses of signing in and out, and of one's own account."""

from django.urls import path

from lastmile import account, people

urlpatterns = [
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-in/code/", people.sign_in_code, name="sign-in-code"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("forgotten/", people.forgotten, name="password-reset"),
    path("forgotten/<str:uidb64>/<str:token>/", people.ChooseAgain.as_view(), name="password-reset-confirm"),
    path("enter/<str:token>/", people.enter, name="enter"),
    path("account/", account.account, name="account"),
    path("account/profile/", account.profile, name="account-profile"),
    path("account/password/", account.password, name="account-password"),
    path("account/second-factor/", account.enrol, name="second-factor"),
    path("account/second-factor/off/", account.switch_off, name="second-factor-off"),
    path("account/second-factor/codes/", account.new_codes, name="second-factor-codes"),
    path("account/sessions/end-others/", account.end_others, name="end-other-sessions"),
    path("account/sessions/<int:sign_in_id>/end/", account.end_session, name="end-session"),
    path("health/", people.health, name="health"),
]
