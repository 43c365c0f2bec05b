namespace Gateway.Configuration;

/// <summary>The places of gateway.json whose changes come to life while the gateway runs. All others take a restart.</summary>
internal static class LivePlaces
{
    /// <summary>Whole sections, and single members of sections.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "routes",
        "profiles",
        "devices.max_held",
        "scripts.cache_ttl_seconds",
        "scripts.ready_timeout_seconds",
        "scripts.automatic_rollback",
        "scripts.rollback_failure_increase",
        "journal.keep_days",
        "journal.max_megabytes",
        "journal.command_keep_days",
        "journal.command_max_megabytes",
        "journal.failure_keep_days",
        "journal.failure_max_megabytes",
        "journal.on_lag",
        "journal.min_free_megabytes",
        "replay",
        "commands.max_queued_per_device",
        "commands.max_queued",
        "commands.max_runs",
        "commands.keep_days",
        "commands.observe_max_age_seconds",
        "commands.max_pushed",
        "sinks",
        "backup",
        "log.level",
        "log.levels",
    ];

    /// <summary>Whether a place is one of them, or lies within one.</summary>
    public static bool Contains(string path) => All.Any(place => SettingsPath.IsWithin(path, place));

    /// <summary>The settings that a running gateway can have of those that are wanted: these at the live places, and its own elsewhere.</summary>
    public static GatewaySettings Merge(GatewaySettings running, GatewaySettings wanted) =>
        (GatewaySettings)Merge((SectionShape)SettingsShape.Of(typeof(GatewaySettings)), running, wanted, "");

    private static object Merge(SectionShape shape, object running, object wanted, string path)
    {
        var merged = shape.CreateDefault();
        foreach (var member in shape.Members)
        {
            var place = SettingsPath.Member(path, member.Name);
            member.Set(merged, Contains(place) ? member.Get(wanted)
                : path.Length == 0 && member.Shape is SectionShape section ? Merge(section, member.Get(running)!, member.Get(wanted)!, place)
                : member.Get(running));
        }

        return merged;
    }
}
