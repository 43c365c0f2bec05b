using System.Buffers.Binary;
using Gateway.Coap;
using Gateway.Protos.Efento;
using Google.Protobuf;

namespace Gateway.Cli;

/// <summary>
/// An Efento sensor. It measures, tells when its transmission interval is over, asks for an acknowledgement by its ack_interval, keeps what was
/// not acknowledged and counts the attempts; it obeys the configuration that it is sent, changes its configuration_hash with it, and posts
/// what it is asked for.
/// </summary>
internal sealed class EfentoSensor : IDeviceModel
{
    private const uint AlwaysConfirmable = uint.MaxValue;
    private const int MostRetriesTold = 31;
    private const int AttemptsOfErrand = 3;

    private readonly Random _chance;
    private readonly FleetSettings _settings;
    private readonly ByteString _serial;
    private readonly EfentoChannels _channels;
    private readonly EfentoConfiguration _configuration;
    private readonly EfentoOrders _orders;
    private readonly bool _isNew;
    private readonly Queue<Errand> _errands = new();
    private readonly DateTimeOffset _start;
    private readonly uint[] _counters = new uint[3];

    private DateTimeOffset _transmitsAt;
    private DateTimeOffset _errandsAt;
    private DateTimeOffset _acknowledgedAt = DateTimeOffset.MinValue;
    private DateTimeOffset _silentUntil = DateTimeOffset.MinValue;
    private long _samplesAt;
    private uint _retries;
    private bool _hasReset = true;
    private (Errand? Errand, bool IsConfirmable) _underWay;

    public EfentoSensor(FleetSettings settings, int number, Random chance, DateTimeOffset first)
    {
        (_settings, _chance, _start, _transmitsAt, _errandsAt) = (settings, chance, first, first, first);
        _serial = ByteString.CopyFrom([0x28, 0x2c, 0x02, .. SerialOf(settings.Seed, number)]);
        DeviceId = Convert.ToHexStringLower(_serial.Span);
        _isNew = number % 2 == 0;
        _samplesAt = first.ToUnixTimeSeconds();
        _channels = new EfentoChannels(EfentoQuantity.OfSensor(number), chance, _samplesAt);
        _configuration = new EfentoConfiguration(settings, _channels.Types);
        _orders = new EfentoOrders(number, _configuration.Period);

        // At its start a sensor tells of itself and of its configuration; one that the network does not tell the time asks for it.
        _errands.Enqueue(new Errand(Purpose.DeviceInfo, IsConfirmable: true));
        _errands.Enqueue(new Errand(Purpose.Configuration, IsConfirmable: false));
        if (number % 10 == 7)
        {
            _errands.Enqueue(new Errand(Purpose.Time, IsConfirmable: true));
        }
    }

    private enum Purpose
    {
        DeviceInfo,
        Configuration,
        FirstHalfOfConfiguration,
        SecondHalfOfConfiguration,
        Time,
    }

    // What it has to send besides measurements.
    private sealed record Errand(Purpose Purpose, bool IsConfirmable, int Attempts = 0);

    public string DeviceId { get; }

    public DateTimeOffset SpeaksAt => Later(_errands.Count > 0 ? _errandsAt : _transmitsAt, _silentUntil);

    public FleetCommand? CommandFor(int number) => _orders.CommandFor(number);

    public int TimesApplied(int number) => _orders.TimesApplied(number);

    public DeviceMessage Speak(DateTimeOffset now)
    {
        Measure(now);
        var message = _errands.TryDequeue(out var errand) ? MessageFor(errand, now) : Measurements(now);
        _underWay = (errand, message.IsConfirmable);
        _counters[message.IsConfirmable ? 0 : 1]++;
        return message;
    }

    public void Hear(DeviceAnswer? answer, DateTimeOffset now)
    {
        Measure(now);
        if (_underWay.Errand is { } errand)
        {
            Settle(errand, answer, now);
        }
        else
        {
            SettleMeasurements(answer, now);
        }

        if (answer is { IsSuccess: true })
        {
            (_acknowledgedAt, _counters[2]) = (now, _counters[2] + 1);
            if (!answer.Payload.IsEmpty && _underWay.Errand?.Purpose is not Purpose.Time)
            {
                Obey(answer.Payload.Span, now);
            }
        }
    }

    private static byte[] SerialOf(int seed, int number)
    {
        // Fleets of different seeds are apart, and within one each number is another.
        var serial = unchecked(((uint)seed * 2654435761) + (uint)number);
        return [(byte)(serial >> 16), (byte)(serial >> 8), (byte)serial];
    }

    private void Measure(DateTimeOffset now)
    {
        for (var second = now.ToUnixTimeSeconds(); _samplesAt <= second; _samplesAt += _configuration.Period)
        {
            _channels.Sample(_samplesAt);
        }

        _channels.Watch(now.ToUnixTimeSeconds());
    }

    private DeviceMessage Measurements(DateTimeOffset now)
    {
        _transmitsAt = now + WithJitter(TimeSpan.FromSeconds(_configuration.Settings.TransmissionInterval));
        var message = new ProtoMeasurements
        {
            SerialNumber = _serial,
            BatteryStatus = true,
            NextTransmissionAt = (uint)_transmitsAt.ToUnixTimeSeconds(),
            TransferReason = (_hasReset ? 1u : 0) | (_retries << 3),
            ConfigurationHash = _configuration.Hash,
        };
        var readings = new List<ExpectedReading>();
        var period = _channels.Take(_configuration.Period, now.ToUnixTimeSeconds(), message, readings);
        (message.MeasurementPeriodBase, message.MeasurementPeriodFactor) = ((uint)period, 1);
        if (_isNew)
        {
            // Firmware 07 tells the battery: 3.60 V, not rechargeable.
            message.BatteryLevel = 360 * 6;
        }
        else
        {
            message.Signal = (uint)_chance.Next(10, 60);
        }

        return new DeviceMessage($"/{_configuration.Settings.DataEndpoint}", message.ToByteArray()) { IsConfirmable = NeedsAcknowledgement(now), Readings = readings };
    }

    // The first message after a reset, and each after a failure, is to be acknowledged.
    private bool NeedsAcknowledgement(DateTimeOffset now) =>
        _hasReset || _retries > 0 || _configuration.Settings.AckInterval == AlwaysConfirmable || now - _acknowledgedAt >= TimeSpan.FromSeconds(_configuration.Settings.AckInterval);

    private void SettleMeasurements(DeviceAnswer? answer, DateTimeOffset now)
    {
        if (!_underWay.IsConfirmable || answer is { IsSuccess: true } or { IsRefusal: true })
        {
            // A refusal would be the same the next time.
            _channels.Forget();
            (_retries, _hasReset) = (0, false);
            return;
        }

        // Nobody outside of the maker knows when it tries again: here after half of its interval.
        _retries = Math.Min(_retries + 1, MostRetriesTold);
        _transmitsAt = now + WithJitter(TimeSpan.FromSeconds(_configuration.Settings.TransmissionInterval) / 2);
    }

    private void Settle(Errand errand, DeviceAnswer? answer, DateTimeOffset now)
    {
        if (errand.IsConfirmable && answer is not ({ IsSuccess: true } or { IsRefusal: true }) && errand.Attempts < AttemptsOfErrand)
        {
            _errandsAt = now + (_settings.Interval / 2);
            _errands.Enqueue(errand with { Attempts = errand.Attempts + 1 });
        }

        if (errand.Purpose is Purpose.Time && answer is { IsSuccess: true })
        {
            var told = answer.Payload.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(answer.Payload.Span) : 0;
            if (Math.Abs(now.ToUnixTimeSeconds() - told) > 60)
            {
                throw new InvalidDataException($"the time it was told is {told}, by its own clock it is {now.ToUnixTimeSeconds()}");
            }
        }
    }

    private void Obey(ReadOnlySpan<byte> payload, DateTimeOffset now)
    {
        ProtoConfig wish;
        try
        {
            wish = ProtoConfig.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new InvalidDataException($"an answer's payload is no ProtoConfig ({exception.Message}): {Convert.ToHexString(payload)}", exception);
        }

        _orders.Note(wish);
        if (_configuration.Change(wish, now))
        {
            // The next measurement is a new period after the last one.
            _samplesAt = Math.Max(_samplesAt, now.ToUnixTimeSeconds() + 1);
        }

        foreach (var output in wish.SetOutputControlStateRequest)
        {
            _channels.Switch(output.ChannelIndex, output.ChannelState == 2, now.ToUnixTimeSeconds());
        }

        if (wish.DeviceInfoRequest)
        {
            _errands.Enqueue(new Errand(Purpose.DeviceInfo, IsConfirmable: false));
        }

        if (wish.ConfigurationRequest)
        {
            // A long configuration comes in parts.
            _errands.Enqueue(new Errand(Purpose.FirstHalfOfConfiguration, IsConfirmable: false));
            _errands.Enqueue(new Errand(Purpose.SecondHalfOfConfiguration, IsConfirmable: false));
        }

        if (wish.ResetMemoryRequest)
        {
            _channels.Erase(now.ToUnixTimeSeconds());
        }

        if (wish.DisableModemRequest > 0)
        {
            _silentUntil = now + TimeSpan.FromSeconds(wish.DisableModemRequest);
        }
    }

    private DeviceMessage MessageFor(Errand errand, DateTimeOffset now)
    {
        var settings = _configuration.Settings;
        return errand.Purpose switch
        {
            Purpose.Time => new DeviceMessage($"/{settings.TimeEndpoint}", default) { Method = CoapCode.Get, IsConfirmable = true },
            Purpose.DeviceInfo => new DeviceMessage($"/{settings.DeviceInfoEndpoint}", DeviceInfo(now)) { IsConfirmable = errand.IsConfirmable, Readings = DeviceInfoReadings },
            _ => new DeviceMessage($"/{settings.ConfigurationEndpoint}", Part(errand.Purpose)) { IsConfirmable = errand.IsConfirmable, Readings = [ExpectedReading.Any("CONFIGURATION")] },
        };
    }

    private byte[] Part(Purpose purpose)
    {
        var (rest, about) = _configuration.Report(_serial);
        switch (purpose)
        {
            case Purpose.FirstHalfOfConfiguration:
                about.PayloadSplitInfo = -1;
                return about.ToByteArray();
            case Purpose.SecondHalfOfConfiguration:
                (rest.SerialNumber, rest.PayloadSplitInfo) = (_serial, 2);
                return rest.ToByteArray();
            default:
                about.MergeFrom(rest);
                return about.ToByteArray();
        }
    }

    private static readonly ExpectedReading[] DeviceInfoReadings =
    [
        .. new[] { "DEVICE_INFO", "RUNTIME_UP_TIME", "MCU_TEMPERATURE", "BATTERY_VOLTAGE", "MODEM_RSRP", "MODEM_RSRQ", "MODEM_RSSI", "MODEM_SINR", "MEMORY_USED" }.Select(ExpectedReading.Any),
    ];

    private byte[] DeviceInfo(DateTimeOffset now) => new ProtoDeviceInfo
    {
        SerialNumber = _serial,
        SwVersion = _isNew ? 0x0702u : 0x060a,
        CommitId = "0bdd23f",
        RuntimeInfo = new ProtoRuntime
        {
            UpTime = (uint)Math.Max(1, (now - _start).TotalSeconds),
            MessageCounters = { _counters },
            McuTemperature = _chance.Next(15, 30),
            BatteryVoltage = 3600,
        },
        Modem = new ProtoModem
        {
            Type = ModemType.Bc660,
            Parameters = { 6400, -1, 11, 23_456_789, _chance.Next(-110, -60), -11, _chance.Next(-90, -50), 12, 20, 40_101, 0 },
            Iccid = "8948010000012345678F",
        },
        MemoryStatistics = { 0, uint.MaxValue, 524_288, 4096 },
    }.ToByteArray();

    private TimeSpan WithJitter(TimeSpan interval) => interval * (1 + (_settings.Jitter * ((2 * _chance.NextDouble()) - 1)));

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
