import "./kube/native-traces";
