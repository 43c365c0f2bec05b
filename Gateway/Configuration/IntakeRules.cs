namespace Gateway.Configuration;

/// <summary>What must hold for the intakes of gateway.json: their names, and what each kind asks of its settings.</summary>
internal static class IntakeRules
{
    public static IEnumerable<SettingsProblem> Check(GatewaySettings settings)
    {
        foreach (var (name, intake) in settings.Intake)
        {
            var place = SettingsPath.Member("intake", name);
            if (!SinkRules.IsName(name))
            {
                yield return new SettingsProblem(place, "an intake's name is of the letters a to z, digits, _ and -: it stands in dead letters and metrics");
            }

            foreach (var (setting, problem) in intake.Problems())
            {
                yield return new SettingsProblem($"{place}.{setting}", problem);
            }
        }
    }
}
