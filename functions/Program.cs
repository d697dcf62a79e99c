return args is ["probe", ..] ? await Modeldrop.Probe.ProbeProgram.RunAsync(args[1..]) : 0;
