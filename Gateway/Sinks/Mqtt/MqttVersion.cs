namespace Gateway.Sinks;

/// <summary>The versions of MQTT, as gateway.json names them.</summary>
internal enum MqttVersion
{
    /// <summary>MQTT 5, whose servers say why they refuse a message.</summary>
    V5,

    /// <summary>MQTT 3.1.1.</summary>
    V311,
}
