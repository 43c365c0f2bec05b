namespace Gateway.Sinks;

/// <summary>What a topic template can name.</summary>
internal enum TopicVariable
{
    /// <summary>No variable: fixed text.</summary>
    None,

    /// <summary><c>{device_id}</c>.</summary>
    DeviceId,

    /// <summary><c>{index}</c>: what was measured, such as <c>TEMPERATURE</c>.</summary>
    Index,

    /// <summary><c>{profile}</c>.</summary>
    Profile,

    /// <summary><c>{kind}</c>: <c>reading</c>, <c>command_event</c> or <c>error</c>.</summary>
    Kind,

    /// <summary><c>{label}</c>: the first label.</summary>
    Label,

    /// <summary><c>{label...}</c>: every label, each a level of its own.</summary>
    AllLabels,
}
