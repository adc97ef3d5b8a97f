"""Each address of the site, and what of the policy stands before it. What is not named fails the tests."""

# Open to everybody; they show no record and nothing of people.
OPEN = {
    "fhirsite.health.livez",
    "fhirsite.health.readyz",
    "patients.api.viewsets.CapabilityViewSet.capabilities",
    "patients.pages.csp_reports.csp_report",
    "allauth.mfa.base.views.AuthenticateView",
    "patients.accounts.single_sign_on.log_in",
    "patients.accounts.single_sign_on.return_from_organisation",
    "patients.pages.accounts.views.LogInPage",
    "patients.pages.accounts.views.admin_door",
}

# For whoever has logged in; they show no record.
LOGGED_IN = {
    "allauth.account.views.ReauthenticateView",
    "allauth.mfa.base.views.ReauthenticateView",
    "allauth.mfa.recovery_codes.views.GenerateRecoveryCodesView",
    "allauth.mfa.recovery_codes.views.ViewRecoveryCodesView",
    "allauth.mfa.totp.views.ActivateTOTPView",
    "allauth.mfa.totp.views.DeactivateTOTPView",
    "django.contrib.auth.views.LogoutView",
    "patients.api.openapi.SchemaViewSet.openapi",
    "patients.api.openapi.docs",
    "patients.api.viewsets.UnknownAddressViewSet.unknown",
    "patients.pages.accounts.views.AccountOverview",
    "patients.pages.accounts.views.EndSessions",
    "patients.pages.accounts.views.NewPasswordPage",
}

# Addresses that open records, with the interactions by which they do.
INTERACTIONS = {
    "patients.api.binaries.BinaryViewSet.conditional_delete": ("delete", "search"),
    "patients.api.binaries.BinaryViewSet.conditional_patch": ("patch", "search"),
    "patients.api.binaries.BinaryViewSet.conditional_update": ("update", "search"),
    "patients.api.binaries.BinaryViewSet.create": ("create",),
    "patients.api.binaries.BinaryViewSet.delete": ("delete",),
    "patients.api.binaries.BinaryViewSet.patch": ("patch",),
    "patients.api.binaries.BinaryViewSet.read": ("read",),
    "patients.api.binaries.BinaryViewSet.search": ("search",),
    "patients.api.binaries.BinaryViewSet.update": ("update",),
    "patients.api.binaries.BinaryViewSet.vread": ("vread",),
    "patients.api.bundles.SystemViewSet.perform": ("batch", "transaction"),
    "patients.api.bundles.SystemViewSet.system_search": ("search",),
    "patients.api.everything.EverythingViewSet.everything": ("everything",),
    "patients.api.export.ExportFileViewSet.file": ("export-file",),
    "patients.api.export.ExportStatusViewSet.cancel": ("export-cancel",),
    "patients.api.export.ExportStatusViewSet.status": ("export-status",),
    "patients.api.export.ExportViewSet.export": ("export",),
    "patients.api.operations.MetaViewSet.meta": ("read",),
    "patients.api.operations.MetaViewSet.meta_add": ("patch",),
    "patients.api.operations.MetaViewSet.meta_delete": ("patch",),
    "patients.api.operations.ValidateViewSet.validate": ("validate",),
    "patients.api.viewsets.ResourceViewSet.compartment_search": ("search",),
    "patients.api.viewsets.ResourceViewSet.conditional_delete": ("delete", "search"),
    "patients.api.viewsets.ResourceViewSet.conditional_patch": ("patch", "search"),
    "patients.api.viewsets.ResourceViewSet.conditional_update": ("update", "search"),
    "patients.api.viewsets.ResourceViewSet.create": ("create",),
    "patients.api.viewsets.ResourceViewSet.delete": ("delete",),
    "patients.api.viewsets.ResourceViewSet.history": ("history",),
    "patients.api.viewsets.ResourceViewSet.patch": ("patch",),
    "patients.api.viewsets.ResourceViewSet.read": ("read",),
    "patients.api.viewsets.ResourceViewSet.search": ("search",),
    "patients.api.viewsets.ResourceViewSet.type_history": ("history",),
    "patients.api.viewsets.ResourceViewSet.update": ("update",),
    "patients.api.viewsets.ResourceViewSet.vread": ("vread",),
    "patients.api.viewsets.SummaryViewSet.read": ("read",),
    "patients.api.viewsets.SummaryViewSet.search": ("search",),
    "patients.api.viewsets.SystemHistoryViewSet.system_history": ("history",),
    "patients.pages.views.ChartPage": ("read", "search"),
    "patients.pages.views.SearchPage": ("search",),
    "patients.pages.views.SectionPage": ("read", "search"),
}

# The administrators' door: for staff with Django's permission for the model. Those of the first row show what
# is recorded of patients, and pass the policy besides.
ADMIN_RECORDS = {
    "AuditRecord",
    "FhirResource",
    "PatientIndex",
    "PatientSummary",
    "PatientSummaryDelta",
    "SearchToken",
}
ADMIN_OTHERS = {
    "Affiliation",
    "ApiToken",
    "ExportJob",
    "Group",
    "LoadProgress",
    "PatientList",
    "Session",
    "SummaryRefresh",
    "User",
}
