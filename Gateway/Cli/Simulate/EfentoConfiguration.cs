using System.IO.Hashing;
using System.Security.Cryptography;
using Gateway.Protos.Efento;
using Google.Protobuf;

namespace Gateway.Cli;

/// <summary>The configuration of a simulated Efento sensor. Of the sensor's task.</summary>
internal sealed class EfentoConfiguration
{
    private uint _changedAt;

    public EfentoConfiguration(FleetSettings settings, IEnumerable<MeasurementType> types)
    {
        var interval = (uint)Math.Max(1, Math.Round(settings.Interval.TotalSeconds));
        Settings = new ProtoConfig
        {
            MeasurementPeriodBase = Math.Max(1, interval / 2),
            MeasurementPeriodFactor = 1,
            TransmissionInterval = interval,
            AckInterval = settings.AckInterval == TimeSpan.Zero ? uint.MaxValue : (uint)settings.AckInterval.TotalSeconds,
            SupervisionPeriod = uint.MaxValue,
            TransferLimit = 65535,
            DataEndpoint = "m",
            DeviceInfoEndpoint = "i",
            ConfigurationEndpoint = "c",
            TimeEndpoint = "t",
            ChannelTypes = { types },
            CloudTokenConfig = 255,
            CloudTokenCoapOption = 65_000,
            Apn = "\u007f",
            PlmnSelection = 1_000_000,
            ModemBandsMask = 2084,
        };
        Hash = HashOf(Settings);
    }

    /// <summary>The settings as they are.</summary>
    public ProtoConfig Settings { get; }

    /// <summary>Changes with the settings, and is never 0.</summary>
    public uint Hash { get; private set; }

    /// <summary>Seconds between two measurements.</summary>
    public long Period => Settings.MeasurementPeriodBase * Math.Max(1, Settings.MeasurementPeriodFactor);

    /// <summary>Takes over what a server wants; gives whether the measurement period is another one now.</summary>
    public bool Change(ProtoConfig wish, DateTimeOffset now)
    {
        var period = Period;

        // A list is told as a whole.
        foreach (var field in ProtoConfig.Descriptor.Fields.InFieldNumberOrder().Where(field => field.IsRepeated))
        {
            if (((System.Collections.IList)field.Accessor.GetValue(wish)).Count > 0)
            {
                field.Accessor.Clear(Settings);
            }
        }

        Settings.MergeFrom(wish);
        ClearRequests(Settings);
        var hash = HashOf(Settings);
        if (hash != Hash)
        {
            (Hash, _changedAt) = (hash, (uint)now.ToUnixTimeSeconds());
        }

        return Period != period;
    }

    /// <summary>The configuration as the sensor tells it, in two parts.</summary>
    public (ProtoConfig Settings, ProtoConfig About) Report(ByteString serial)
    {
        var settings = Settings.Clone();
        (settings.NetworkKey, settings.EncryptionKey) = (TraceOf(settings.NetworkKey), TraceOf(settings.EncryptionKey));
        return (settings, new ProtoConfig { SerialNumber = serial, ConfigurationHash = Hash, ConfigurationHashTimestamp = _changedAt });
    }

    private static void ClearRequests(ProtoConfig settings)
    {
        (settings.DeviceInfoRequest, settings.UpdateSoftwareRequest, settings.ConfigurationRequest, settings.AcceptWithoutTestingRequest) = (false, false, false, false);
        (settings.ResetMemoryRequest, settings.ClearRuntimeErrorsRequest, settings.ExtendedConfigurationRequest, settings.RestartMemoryStatsRequest) = (false, false, false, false);
        (settings.CurrentTime, settings.DisableModemRequest, settings.DataTransferStartTimestampRequest, settings.NvmStatus) = (0, 0, 0, 0);
        (settings.UpdateModemRequest, settings.CalibrationParametersRequest) = ("", null);
        settings.SetOutputControlStateRequest.Clear();
    }

    private static uint HashOf(ProtoConfig settings) => Crc32.HashToUInt32(settings.ToByteArray()) | 1;

    // Keys are not told: the last two bytes of their SHA-256 are.
    private static ByteString TraceOf(ByteString key) =>
        key.Length == 0 || (key.Length == 1 && key[0] == 0x7f) ? key : ByteString.CopyFrom(SHA256.HashData(key.Span).AsSpan(^2..));
}
